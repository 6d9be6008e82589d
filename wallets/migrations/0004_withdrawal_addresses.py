import django.db.models.deletion
import iqx.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wallets", "0003_money_requests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WithdrawalAddress",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("network", models.CharField(max_length=20)),
                ("address", models.CharField(max_length=80)),
                ("name", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="withdrawal_addresses",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "withdrawal addresses",
                "indexes": [models.Index(fields=["user", "id"], name="wallets_address_of_user")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "network", "address"), name="wallets_address_once"
                    )
                ],
            },
        ),
    ]
