from django.urls import path

from iqx.ops.api import views

urlpatterns = [
    path("v1/auth/me/export", views.OwnExportView.as_view(), name="own-export"),
    path("monitor/health", views.ReadinessView.as_view(), name="readiness"),
    path("monitor/system", views.SystemView.as_view(), name="monitor-system"),
    path("monitor/metrics", views.MetricsJsonView.as_view(), name="monitor-metrics"),
]
