from django.db import migrations

from accounts.payments.catalogue import store


def store_methods(apps, schema_editor):
    store(apps.get_model("accounts", "PaymentMethod"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_payment_accounts")]

    operations = [migrations.RunPython(store_methods, migrations.RunPython.noop)]
