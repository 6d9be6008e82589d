import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import iqx.core.ids
import wallets.models.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "system_account",
                    models.CharField(
                        choices=[
                            ("custody", "Custody"),
                            ("fees", "Fees"),
                            ("withdrawal_fees", "Withdrawal Fees"),
                            ("adjustments", "Adjustments"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                ("version", models.BigIntegerField(null=True)),
                ("available_delta", wallets.models.fields.UsdtField()),
                ("locked_delta", wallets.models.fields.UsdtField()),
                (
                    "available_after",
                    wallets.models.fields.UsdtField(null=True),
                ),
                ("locked_after", wallets.models.fields.UsdtField(null=True)),
                (
                    "prev_version",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.NullIf(
                            django.db.models.expressions.CombinedExpression(
                                models.F("version"), "-", models.Value(1)
                            ),
                            models.Value(0),
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                (
                    "prev_available",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("available_after"), "-", models.F("available_delta")
                        ),
                        output_field=wallets.models.fields.UsdtField(),
                    ),
                ),
                (
                    "prev_locked",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.expressions.CombinedExpression(
                            models.F("locked_after"), "-", models.F("locked_delta")
                        ),
                        output_field=wallets.models.fields.UsdtField(),
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
            },
        ),
        migrations.CreateModel(
            name="SystemRollup",
            fields=[
                (
                    "account",
                    models.CharField(
                        choices=[
                            ("custody", "Custody"),
                            ("fees", "Fees"),
                            ("withdrawal_fees", "Withdrawal Fees"),
                            ("adjustments", "Adjustments"),
                        ],
                        max_length=20,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("balance", models.DecimalField(decimal_places=6, default=0, max_digits=30)),
            ],
        ),
        migrations.CreateModel(
            name="UnrolledEntry",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="wallets.entry",
                    ),
                ),
                (
                    "account",
                    models.CharField(
                        choices=[
                            ("custody", "Custody"),
                            ("fees", "Fees"),
                            ("withdrawal_fees", "Withdrawal Fees"),
                            ("adjustments", "Adjustments"),
                        ],
                        max_length=20,
                    ),
                ),
                ("amount", wallets.models.fields.UsdtField()),
            ],
            options={
                "verbose_name_plural": "unrolled entries",
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=iqx.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("deposit", "Deposit"),
                            ("withdrawal_request", "Withdrawal Request"),
                            ("withdrawal_sent", "Withdrawal Sent"),
                            ("withdrawal_return", "Withdrawal Return"),
                            ("order_reserve", "Order Reserve"),
                            ("order_adjust", "Order Adjust"),
                            ("order_return", "Order Return"),
                            ("trade_release", "Trade Release"),
                            ("trade_refund", "Trade Refund"),
                            ("trade_split", "Trade Split"),
                            ("adjustment", "Adjustment"),
                        ],
                        max_length=20,
                    ),
                ),
                ("ref_kind", models.CharField(max_length=20)),
                ("ref_id", models.UUIDField()),
                ("memo", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "deposit",
                                    "withdrawal_request",
                                    "withdrawal_sent",
                                    "withdrawal_return",
                                    "order_reserve",
                                    "order_adjust",
                                    "order_return",
                                    "trade_release",
                                    "trade_refund",
                                    "trade_split",
                                    "adjustment",
                                ],
                            )
                        ),
                        name="wallets_transfer_kind_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("kind__in", ("deposit", "withdrawal_request", "order_reserve", "adjustment"))
                        ),
                        fields=("kind", "ref_id"),
                        name="wallets_transfer_once_per_ref",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ("withdrawal_sent", "withdrawal_return"))),
                        fields=("ref_id",),
                        name="wallets_transfer_withdrawal_settled_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ("trade_release", "trade_refund", "trade_split"))),
                        fields=("ref_id",),
                        name="wallets_transfer_trade_settled_once",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="entry",
            name="transfer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="wallets.transfer",
            ),
        ),
        migrations.CreateModel(
            name="Wallet",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="wallet",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("available", wallets.models.fields.UsdtField(default=0)),
                ("locked", wallets.models.fields.UsdtField(default=0)),
                ("version", models.BigIntegerField(default=0)),
                (
                    "head_version",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.NullIf(
                            models.F("version"), models.Value(0)
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("available__gte", 0)),
                        name="wallets_wallet_available_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("locked__gte", 0)), name="wallets_wallet_locked_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 0)), name="wallets_wallet_version_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version__gt", 0), models.Q(("available", 0), ("locked", 0)), _connector="OR"
                        ),
                        name="wallets_wallet_starts_empty",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="entry",
            name="wallet",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="wallets.wallet",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("available_after__gte", 0),
                        ("available_after__isnull", False),
                        ("locked_after__gte", 0),
                        ("locked_after__isnull", False),
                        ("system_account__isnull", True),
                        ("version__gte", 1),
                        ("version__isnull", False),
                        ("wallet__isnull", False),
                    ),
                    models.Q(
                        ("available_after__isnull", True),
                        ("locked_after__isnull", True),
                        ("locked_delta", 0),
                        ("system_account__in", ["custody", "fees", "withdrawal_fees", "adjustments"]),
                        ("system_account__isnull", False),
                        ("version__isnull", True),
                        ("wallet__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="wallets_entry_wallet_or_system",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("available_delta", 0), ("locked_delta", 0), _negated=True),
                name="wallets_entry_moves_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("version__gt", 1),
                    models.Q(
                        ("available_after", models.F("available_delta")),
                        ("locked_after", models.F("locked_delta")),
                    ),
                    ("wallet__isnull", True),
                    _connector="OR",
                ),
                name="wallets_entry_first_starts_from_zero",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("wallet", "version"), name="wallets_entry_no_fork"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                fields=("wallet", "version", "available_after", "locked_after"), name="wallets_entry_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                fields=("transfer", "wallet"), name="wallets_entry_one_per_transfer"
            ),
        ),
    ]
