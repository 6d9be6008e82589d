from django.db import migrations, models
from django.db.models import F, Q


def fill_in(apps, schema_editor):
    apps.get_model("trades", "Trade").objects.update(escrow=F("amount") + F("seller_fee"))


class Migration(migrations.Migration):
    dependencies = [("trades", "0004_payment_choice")]

    operations = [
        migrations.AddField(
            model_name="trade",
            name="escrow",
            field=models.DecimalField(
                decimal_places=6, default=0, help_text="of the seller, held while the trade lives", max_digits=20
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="trade",
            constraint=models.CheckConstraint(
                condition=Q(escrow__gte=F("amount") + F("seller_fee")), name="trades_trade_escrow_covers_sale"
            ),
        ),
    ]
