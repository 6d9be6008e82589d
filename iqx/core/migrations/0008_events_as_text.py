"""Events as the texts that they are sent as, and their streams unchecked: see `iqx.core.models.events`."""

import django.db.models.deletion
import iqx.core.models.fields
from django.db import migrations, models


breaks_zero_downtime = "turning jsonb into json writes the table anew; nothing was released with jsonb"


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0007_events_leave_from_the_beginning'),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='book',
            field=iqx.core.models.fields.JsonTextField(null=True),
        ),
        migrations.AlterField(
            model_name='event',
            name='data',
            field=iqx.core.models.fields.JsonTextField(),
        ),
        migrations.AlterField(
            model_name='event',
            name='stream',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='core.stream'),
        ),
    ]
