from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('trades', '0008_private_trades'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=BrinIndex(autosummarize=True, fields=['at'], name='trades_messages_in_time', pages_per_range=32),
        ),
    ]
