from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "iqx.notices"
    label = "notices"
