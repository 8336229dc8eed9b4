import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0007_language'),
        ('members', '0013_rules_withdrawn'),
        ('occasions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Timing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40)),
                ('days', models.SmallIntegerField(verbose_name='روز')),
                ('club', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.club')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('club', 'code'), name='timing_of_occasion_once')],
            },
        ),
        migrations.AddField(
            model_name='greeting',
            name='key',
            field=models.CharField(max_length=80, null=True),
        ),
        migrations.RunSQL(
            "UPDATE occasions_greeting SET key = 'birthday:' || year",
            "UPDATE occasions_greeting SET year = split_part(key, ':', 2)::smallint WHERE key LIKE 'birthday:%'",
        ),
        # What the rows were changed by is checked before their table is altered again.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='greeting',
            name='key',
            field=models.CharField(max_length=80),
        ),
        migrations.RemoveConstraint(
            model_name='greeting',
            name='greeted_once_a_year',
        ),
        migrations.RemoveField(
            model_name='greeting',
            name='year',
        ),
        migrations.AddConstraint(
            model_name='greeting',
            constraint=models.UniqueConstraint(fields=('club', 'member', 'key'), name='told_once_an_occasion'),
        ),
    ]
