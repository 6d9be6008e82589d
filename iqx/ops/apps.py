from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "iqx.ops"
    label = "ops"
    verbose_name = "Operations"
