"""What a measurement yields, and the figures drawn from several."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: how many operations were done, and how long each request (of one or more) took."""

    operations: int
    seconds: float
    latencies_s: Sequence[float]

    @property
    def rate(self) -> float:
        return self.operations / self.seconds


@dataclass(slots=True)
class Series:
    """The samples of one measurement, one a round."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        return [sample.rate for sample in self.samples]

    @property
    def median_rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def operations(self) -> int:
        return sum(sample.operations for sample in self.samples)

    def latency_ms(self, percent: int) -> float:
        """The latency that `percent` of the requests of all rounds did not exceed."""
        latencies = sorted(latency for sample in self.samples for latency in sample.latencies_s)
        return latencies[(len(latencies) - 1) * percent // 100] * 1000
