"""The ways an MQTT client may reach the broker."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Wire:
    transport: str  # "tcp" or "websockets"
    version: int  # 4: MQTT 3.1.1, 5: MQTT 5

    def __str__(self):
        return f"{'ws' if self.transport == 'websockets' else 'tcp'}-v{self.version}"


WIRES = [Wire(transport, version) for transport in ("tcp", "websockets") for version in (4, 5)]
