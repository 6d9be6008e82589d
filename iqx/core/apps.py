from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "iqx.core"
    label = "core"
    verbose_name = "Platform"
