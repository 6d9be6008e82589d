from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "iqx.web"
    label = "web"
