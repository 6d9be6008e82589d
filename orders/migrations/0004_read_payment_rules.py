import json

from django.db import migrations


def read_rules(apps, schema_editor):
    methods = apps.get_model("accounts", "PaymentMethod").objects.in_bulk()
    for market in apps.get_model("orders", "Market").objects.all():
        known = [methods[code] for code in market.payment_methods if code in methods]
        market.payment_rules = json.dumps({method.code: [method.window, method.risk] for method in known})
        market.save(update_fields=["payment_rules"])


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_payment_rules"),
        ("accounts", "0007_payment_methods_as_data"),
    ]

    operations = [migrations.RunPython(read_rules, migrations.RunPython.noop)]
