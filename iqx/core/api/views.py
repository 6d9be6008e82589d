"""`IqxView`: what every endpoint has in common, so that a view is parse -> one use case -> render.

A POST by a user may carry an Idempotency-Key. How it is honoured is a view's `idempotency`:

* `"one_step"`, as a rule: the handler calls exactly one use case. The view opens the transaction, the use case joins
  it, and the record of the answer commits with the effect.
* `"two_step"`: the handler needs a second transaction after the first. It claims the key in the first, where it
  leaves what `recover` needs to rebuild the answer after a crash between the two::

      idempotency = "two_step"

      def post(self, request: Request) -> Response:
          with self.claim() as claim:             # without a key this does nothing
              orders = place_orders(...)          # the first use case: joins the claim's transaction
              claim.refs = [str(order.id) for order in orders]
          match(...)                              # the second, a transaction of its own
          return Response(answer(orders), status=201)

      def recover(self, refs: Any) -> Response:   # refs as they were left, and the effect is there
          ...

  With `keeps_answers = False` only `refs` are kept, and each repeat recovers its answer: for what is private.

* `"off"`: the answer holds a secret that must not be stored.

Strangers' keys are ignored: register, log-in and refresh answer with tokens, which are never stored. A refusal stores
nothing, so the key may be tried again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Literal, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from iqx.core import idempotency, logs
from iqx.core.api import once
from iqx.core.api.negotiation import FirstRenderer
from iqx.core.api.parsers import StrictJSONParser
from iqx.core.api.throttling import QuotaThrottle, add_headers
from iqx.core.errors import Invalid
from iqx.core.idempotency import Claim, IdempotencyKeyRequired, KeyedRequest
from iqx.core.quota import Usage

_OTHER_CHANGES = frozenset({"put", "patch", "delete"})


class IqxView(APIView):
    """An endpoint. `quota` names the quota that it counts against: by default `reads` or `writes`, by method."""

    parser_classes: Sequence[type[BaseParser]] = [StrictJSONParser]
    renderer_classes: Sequence[type[BaseRenderer]] = [JSONRenderer]
    throttle_classes: Sequence[type[BaseThrottle]] = [QuotaThrottle]
    content_negotiation_class = FirstRenderer

    quota: ClassVar[str | None] = None
    idempotency: ClassVar[Literal["one_step", "two_step", "off"]] = "one_step"
    idempotency_required: ClassVar[bool] = False
    keeps_answers: ClassVar[bool] = True
    dry_run_allowed: ClassVar[bool] = False

    usage: Usage | None = None
    _keyed: KeyedRequest | None = None

    def quota_cost(self, request: Request) -> int:
        """How many units of its quota the request costs."""
        return 1

    @property
    def dry_run(self) -> bool:
        """Whether the request only asks what would happen: `?validate_only=true`."""
        text = self.request.query_params.get("validate_only", "false")
        if text not in {"true", "false"}:
            raise Invalid("This must be true or false.", field="validate_only")
        if text == "true" and not self.dry_run_allowed:
            raise Invalid("This address offers no dry run.", field="validate_only")
        return text == "true"

    @contextmanager
    def claim(self) -> Iterator[Claim]:
        """The first transaction of a two-step handler, if its request has a key; see the module's docstring."""
        if self._keyed is None:
            yield Claim()
            return
        with idempotency.claim(self._keyed) as claim:
            yield claim

    def recover(self, refs: Any) -> HttpResponseBase:  # noqa: ANN401 whatever JSON the handler left
        """The answer of a two-step request that took effect and was never answered."""
        raise NotImplementedError(f"{type(self).__name__} is two_step and can't recover an answer")

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        response: HttpResponseBase
        try:
            self.initial(self.request, *args, **kwargs)
            logs.note(self.request.user.pk, kwargs.get("trade_id"))
            response = self._handle(self.request)
        except Exception as error:
            response = self.handle_exception(error)
        if self.usage is not None:
            add_headers(response, self.usage)
        self.response = self.finalize_response(self.request, cast("Response", response), *args, **kwargs)
        return self.response

    def _handle(self, request: Request) -> HttpResponseBase:
        method = (request.method or "").lower()
        known = getattr(self, method, None) if method in self.http_method_names else None
        handler = known or self.http_method_not_allowed

        def handle() -> HttpResponseBase:
            return handler(request, *self.args, **self.kwargs)

        if known and method == "post":
            return self._handle_post(request, handle)
        if method in _OTHER_CHANGES and request.query_params.get("validate_only", "false") != "false":
            raise Invalid("Only a POST has a dry run.", field="validate_only")
        return handle()

    def _handle_post(self, request: Request, handle: once.Handler) -> HttpResponseBase:
        if self.dry_run:
            return once.rehearse(handle)
        self._keyed = None if self.idempotency == "off" else once.keyed_request(request)
        if self._keyed is None:
            if self.idempotency_required:
                raise IdempotencyKeyRequired
            return handle()
        if self.idempotency == "two_step":
            return once.run_in_two_steps(self._keyed, handle, self.recover, keep=self.keeps_answers)
        return once.run_once(self._keyed, handle)

    def options(self, request: HttpRequest, *args: object, **kwargs: object) -> Response:
        """Say by the Allow header what is allowed here."""
        return Response(status=204)
