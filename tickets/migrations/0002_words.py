"""Words of tickets are found by range, in a table of their own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0001_initial'),
        ('core', '0007_language'),
        ('members', '0020_held_referrals'),
        ('tickets', '0001_tickets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TicketWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(db_collation='C', max_length=40)),
            ],
            options={
                'verbose_name': 'واژهٔ تیکت',
                'verbose_name_plural': 'واژه\u200cهای تیکت\u200cها',
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.RemoveIndex(
            model_name='ticket',
            name='ticket_inbox',
        ),
        migrations.RemoveIndex(
            model_name='ticket',
            name='ticket_of_assignee',
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('status__in', ['new', 'waiting_for_member', 'waiting_for_us'])), fields=['club', 'due_at', 'id'], name='ticket_inbox'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('merged_into', None), ('status__in', ['closed', 'solved'])), fields=['club', '-updated_at', '-id'], name='ticket_ended'),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('status__in', ['new', 'waiting_for_member', 'waiting_for_us'])), fields=['club', 'assignee', 'due_at', 'id'], name='ticket_of_assignee'),
        ),
        migrations.AddField(
            model_name='ticketword',
            name='club',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.club'),
        ),
        migrations.AddField(
            model_name='ticketword',
            name='ticket',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket'),
        ),
        migrations.AddIndex(
            model_name='ticketword',
            index=models.Index(fields=['club', 'ticket'], name='ticket_word_of_ticket'),
        ),
        migrations.AddConstraint(
            model_name='ticketword',
            constraint=models.UniqueConstraint(fields=('club', 'word', 'ticket'), name='ticket_word_once'),
        ),
    ]
