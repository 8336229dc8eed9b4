"""What purchases earned before their lines kept it is shared over the lines by what each cost; the dearest has the rest."""

from django.db import migrations

SHARE_OUT = """
WITH share AS (
    SELECT l.id, l.purchase_id, p.points_earned, p.credit_earned,
        coalesce(div(p.points_earned::numeric * l.net, nullif(p.net, 0)), 0)::bigint AS points,
        coalesce(div(p.credit_earned::numeric * l.net, nullif(p.net, 0)), 0)::bigint AS credit,
        row_number() OVER (PARTITION BY l.purchase_id ORDER BY l.net DESC, l.index) = 1 AS is_dearest
    FROM purchases_purchaseline l JOIN purchases_purchase p ON p.club_id = l.club_id AND p.id = l.purchase_id
), whole AS (
    SELECT id, is_dearest, points, credit,
        points_earned - sum(points) OVER (PARTITION BY purchase_id) AS more_points,
        credit_earned - sum(credit) OVER (PARTITION BY purchase_id) AS more_credit
    FROM share
)
UPDATE purchases_purchaseline l SET
    points_earned = w.points + CASE WHEN w.is_dearest THEN w.more_points ELSE 0 END,
    credit_earned = w.credit + CASE WHEN w.is_dearest THEN w.more_credit ELSE 0 END
FROM whole w WHERE w.id = l.id
"""


class Migration(migrations.Migration):
    dependencies = [("purchases", "0002_line_earnings")]

    operations = [migrations.RunSQL(SHARE_OUT, migrations.RunSQL.noop)]
