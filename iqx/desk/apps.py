from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "iqx.desk"
    label = "desk"
