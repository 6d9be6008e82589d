from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from iqx.core.api.views import IqxView
from iqx.urls import urlpatterns as platform


class FloorView(IqxView):
    """Does nothing: what the server, the framework and authentication cost, before any order is placed."""

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response({})


urlpatterns = [*platform, path("api/v1/benchmark/floor", FloorView.as_view())]
