"""Addresses under `/api/` that belong to no app."""

from django.urls import path

from iqx.core.api import files, system

urlpatterns = [
    path("health", system.HealthView.as_view(), name="health"),
    path("v1/time", system.TimeView.as_view(), name="time"),
    path("v1/status", system.StatusView.as_view(), name="status"),
    path("v1/errors/<str:code>", system.ErrorView.as_view(), name="error"),
    path("v1/files/<str:token>", files.FileView.as_view(), name="file"),
    path("v1/schema", system.SchemaView.as_view(), name="schema"),
    path("v1/docs", system.DocsView.as_view(), name="docs"),
]
