"""Quotas as a throttle of DRF's, and the headers that tell a client where it stands.

The headers are those of draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy: "orders";q=1200;w=60` and
`RateLimit: "orders";r=1199;t=60`.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http.response import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from iqx.core import quota
from iqx.core.api.clients import client_network

if TYPE_CHECKING:
    from iqx.core.api.views import IqxView

# These guard the door: who comes through it is not known yet, or is what is in question.
PER_ADDRESS = frozenset({"login", "register"})


class QuotaThrottle(BaseThrottle):
    """Counts a request against the quota of its view, before the view does anything."""

    usage: quota.Usage | None = None

    def allow_request(self, request: Request, view: "IqxView") -> bool:  # type: ignore[override]
        if not settings.RATE_LIMITS_ON:
            return True
        name = view.quota or ("reads" if request.method in SAFE_METHODS else "writes")
        self.usage = view.usage = quota.spend(quota.policy_named(name), _who(request, name), self._cost(request, view))
        return self.usage.granted

    def wait(self) -> float | None:
        return self.usage.resets_in_s if self.usage else None

    @staticmethod
    def _cost(request: Request, view: "IqxView") -> int:
        return max(1, view.quota_cost(request))


def _who(request: Request, quota_name: str) -> str:
    if quota_name not in PER_ADDRESS and request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{client_network(request)}"


def add_headers(response: HttpResponseBase, usage: quota.Usage) -> None:
    policy = usage.policy
    response.headers["RateLimit-Policy"] = f'"{policy.name}";q={policy.limit};w={policy.window_s}'
    response.headers["RateLimit"] = f'"{policy.name}";r={usage.remaining};t={usage.resets_in_s}'
