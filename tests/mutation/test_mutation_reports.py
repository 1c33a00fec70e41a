"""Each formula of the reports broken once; the named tests of the addon must turn
red."""

from mutation_tools import Mutation, mutated_cases

from odoo.addons.dso_collection_reports.measures import (
    ageing,
    disputes,
    dso,
    forecast,
    ledger,
    living,
    payments,
    performance,
    promises,
    schedule,
    status,
)
from odoo.addons.dso_collection_reports.tests import (
    test_delay_report,
    test_dispute_report,
    test_dso_aged_report,
    test_dso_dso_report,
    test_dso_item_report,
    test_forecast_report,
    test_living_report,
    test_report_table,
    test_trend_report,
)

TABLE = "dso.report.table."


def of(module, function):
    return {"holder": module, "method": function}


MUTATIONS = [
    # Ageing
    Mutation(
        "due on the day itself is not due",
        "WHEN %s <= 0 THEN 'not_due'",
        "WHEN %s < 0 THEN 'not_due'",
        ("test_buckets_of_items",),
        **of(ageing, "bucket"),
    ),
    Mutation(
        "end of an age",
        'SQL("WHEN %s <= %s THEN %s"',
        'SQL("WHEN %s < %s THEN %s"',
        ("test_buckets_of_items",),
        **of(ageing, "bucket"),
    ),
    Mutation(
        "first day of an age in columns",
        '"%s >= %s"',
        '"%s > %s"',
        ("test_columns",),
        **of(ageing, "columns"),
    ),
    Mutation(
        "overdue share stays within its bounds",
        "LEAST(1, GREATEST(0, %(l)s / %(t)s))",
        "%(l)s / %(t)s",
        ("test_overdue_share",),
        **of(ageing, "overdue_share"),
    ),
    # Ledger
    Mutation(
        "due on the day of the report is not late",
        "day - MIN(due) AS days_late",
        "day + 1 - MIN(due) AS days_late",
        ("test_buckets_of_items",),
        **of(ledger, "open_items"),
    ),
    Mutation(
        "overdue from the day after",
        "WHERE due < day)",
        "WHERE due <= day)",
        ("test_buckets_of_items",),
        **of(ledger, "open_items"),
    ),
    Mutation(
        "debits only in what the rate is taken of",
        "WHERE due < day AND residual > 0)",
        "WHERE due < day)",
        ("test_r1",),
        **of(ledger, "open_items"),
    ),
    # Status
    Mutation(
        "no rate of nothing",
        'SQL("%s / NULLIF(%s, 0)", qualified, overdue)',
        'SQL("COALESCE(%s / NULLIF(%s, 0), 0)", qualified, overdue)',
        ("test_r1_no_overdue_no_rate",),
        **of(status, "rate"),
    ),
    # DSO
    Mutation(
        "month in proportion",
        "(%(receivable)s - %(before)s) / (%(sold)s - %(before)s)",
        "%(receivable)s / %(sold)s",
        ("test_r2_count_back",),
        **of(dso, "count_back"),
    ),
    Mutation(
        "nothing receivable",
        "WHEN %s <= 0 THEN 0",
        "WHEN %s < 0 THEN 0",
        ("test_sales_and_receivables_of_nothing",),
        **of(dso, "count_back"),
    ),
    Mutation(
        "month of the day up to the day",
        "%(day)s + 1 - ",
        "(date_trunc('month', %(day)s) + '1 month'::interval)::date - ",
        ("test_middle_of_a_month",),
        **of(dso, "days_of"),
    ),
    Mutation(
        "overdue part",
        "(%s * COALESCE(%s, 0))",
        "(%s * (1 - COALESCE(%s, 0)))",
        ("test_r2_count_back",),
        **of(dso, "overdue_part"),
    ),
    Mutation(
        "best possible without overdue",
        'classic(SQL("(%s - %s)", receivable, overdue), sales, day)',
        "classic(receivable, sales, day)",
        ("test_r2_classic_and_best",),
        **of(dso, "all_forms"),
    ),
    # Payment delays
    Mutation(
        "weighted by amount",
        "ROUND(SUM(amount * days) / SUM(amount), 4)",
        "ROUND(AVG(days), 4)",
        ("test_past_day_weighs_amounts",),
        **of(payments, "average_delays"),
    ),
    Mutation(
        "six months back",
        "r.paid > (d.day - %(recent)s::interval)::date AS recent",
        "TRUE AS recent",
        ("test_six_rolling_months",),
        **of(payments, "paid_instalments"),
    ),
    Mutation(
        "credit notes pay nothing",
        "FILTER (WHERE j.type <> 'sale')",
        "",
        ("test_r3_agrees_with_the_customer_record",),
        **of(payments, "_settlements"),
    ),
    Mutation(
        "settled on the day",
        "WHERE r.last <= d.day",
        "WHERE TRUE",
        ("test_past_delay_does_not_change",),
        **of(payments, "paid_instalments"),
    ),
    # Disputes
    Mutation(
        "resolution from the beginning",
        "COALESCE(p.dispute_date, p.status_date) AS began",
        "p.status_date AS began",
        ("test_repeated_it_lasts_from_its_beginning",),
        **of(disputes, "disputes"),
    ),
    Mutation(
        "what was undone",
        """AND NOT EXISTS (
                   SELECT 1 FROM dso_qualification u
                    WHERE u.undo_of_id = q.id AND %(undone)s <= d.day)""",
        "",
        ("test_undone_never_was",),
        **of(disputes, "disputes"),
    ),
    Mutation(
        "part in dispute",
        "WHEN b.disputed_company > 0",
        "WHEN b.disputed_company < 0",
        ("test_part_in_dispute",),
        **of(disputes, "disputes"),
    ),
    # Promises
    Mutation(
        "kept within the grace",
        "WHEN p.date_settled <= LEAST(p.date_limit, d.day) THEN 'kept'",
        "WHEN p.date_settled <= d.day THEN 'kept'",
        ("test_kept_too_late_is_broken",),
        **of(promises, "promises"),
    ),
    Mutation(
        "received in part",
        "ROUND(p.amount * LEAST(p.part, 1), p.decimal_places)",
        "p.amount",
        ("test_made_kept_partly_broken",),
        **of(promises, "promises"),
    ),
    Mutation(
        "open ones are not decided",
        "CASE WHEN p.state IN ('kept', 'partly', 'broken')",
        "CASE WHEN p.state IS NOT NULL",
        ("test_made_kept_partly_broken",),
        **of(promises, "promises"),
    ),
    Mutation(
        "promise of the day",
        "WHERE p.date_made <= d.day",
        "WHERE TRUE",
        ("test_promises_of_a_past_day",),
        **of(promises, "promises"),
    ),
    # Forecast
    Mutation(
        "promised day",
        "WHEN 'promise' THEN l.promise_date",
        "WHEN 'promise' THEN l.due + l.delay",
        ("test_r4_expected_days",),
        **of(forecast, "forecast"),
    ),
    Mutation(
        "resolution time of the cause",
        "ROUND(COALESCE(r.days, s.delay, 0))::int",
        "ROUND(COALESCE(s.delay, 0))::int",
        ("test_r4_expected_days",),
        **of(forecast, "forecast"),
    ),
    Mutation(
        "days of the status",
        "COALESCE(r.days, s.delay, 0)",
        "COALESCE(r.days, 0)",
        ("test_without_history",),
        **of(forecast, "forecast"),
    ),
    Mutation(
        "delay of the company",
        "COALESCE(a.days, c.days, 0)",
        "COALESCE(a.days, 0)",
        ("test_without_history",),
        **of(forecast, "forecast"),
    ),
    Mutation(
        "litigation on no day",
        "WHEN o.status_type = 'litigation' THEN 'litigation'",
        "",
        ("test_r4_expected_days",),
        **of(forecast, "forecast"),
    ),
    Mutation(
        "passed from the next day",
        "WHEN f.expected < f.day THEN 'off'",
        "WHEN f.expected <= f.day THEN 'off'",
        ("test_expected_today_is_on_forecast",),
        **of(forecast, "forecast"),
    ),
    Mutation(
        "early is off as well",
        "e.counted * ABS(e.off_by) AS off_days",
        "e.counted * e.off_by AS off_days",
        ("test_days_off",),
        **of(forecast, "errors"),
    ),
    Mutation(
        "settled by a credit note says nothing",
        "CASE WHEN p.id IS NULL THEN %(today)s ELSE p.paid END",
        "COALESCE(p.paid, %(today)s)",
        ("test_credit_notes_pay_nothing",),
        **of(forecast, "errors"),
    ),
    Mutation(
        "paid before the forecast says nothing",
        'SQL("%s::date", since)',
        """SQL("'1900-01-01'::date")""",
        ("test_credit_notes_pay_nothing",),
        **of(payments, "settled_lines"),
    ),
    Mutation(
        "the assistant's own days",
        "e.other_counted * ABS(e.other_off_by) AS other_days",
        "e.other_counted * ABS(e.off_by) AS other_days",
        ("test_the_assistant_s_error",),
        **of(forecast, "errors"),
    ),
    Mutation(
        "gain on what both knew",
        "WHEN e.off_by IS NULL OR e.other_off_by IS NULL THEN 0\n"
        "                    ELSE e.amount END AS both_counted",
        "WHEN e.off_by IS NULL THEN 0\n"
        "                    ELSE e.amount END AS both_counted",
        ("test_the_assistant_s_error",),
        **of(forecast, "errors"),
    ),
    Mutation(
        "what was expected on that day",
        "AND x.account_id = o.account_id AND x.day = o.day",
        "AND x.account_id = o.account_id",
        ("test_expectations_of_other_days",),
        **of(forecast, "forecast"),
    ),
    # Schedule
    Mutation(
        "credit notes collect nothing",
        "ELSE l.residual - COALESCE(c.amount, 0) END AS to_collect",
        "ELSE l.residual END AS to_collect",
        ("test_new_invoices_and_credit_notes",),
        **of(schedule, "_schedule"),
    ),
    Mutation(
        "refunds collect nothing",
        "CASE WHEN l.kind = 'payment' THEN COALESCE(n.residual, 0)",
        "CASE WHEN FALSE THEN COALESCE(n.residual, 0)",
        ("test_refund_collects_nothing",),
        **of(schedule, "_schedule"),
    ),
    Mutation(
        "collectable by the end of the month",
        "CASE WHEN l.due < %(next)s THEN l.to_collect ELSE 0 END AS collectable",
        "l.to_collect AS collectable",
        ("test_r5_efficiency",),
        **of(schedule, "_schedule"),
    ),
    # Performance
    Mutation(
        "balance when the month began",
        "start - timedelta(days=1)",
        "start",
        ("test_month_begins_before_its_first_day",),
        **of(performance, "_performance"),
    ),
    Mutation(
        "effectiveness",
        "/ (opening + sales - current)",
        "/ (opening + sales)",
        ("test_month_to_date",),
        "dso.performance.report._row_query",
    ),
    Mutation(
        "promises by the end of their grace",
        "WHERE date_limit >= %(start)s AND decided > 0",
        "WHERE decided > 0",
        ("test_promises_of_the_month_before",),
        **of(performance, "_performance"),
    ),
    # Living rate
    Mutation(
        "last day of the grace",
        "WHEN p.promised_until >= i.day",
        "WHEN p.promised_until > i.day",
        ("test_promise_lives_until_its_grace_is_over",),
        **of(living, "living_items"),
    ),
    Mutation(
        "seven days late",
        "OR f.date + %(late)s >= i.day",
        "OR f.date >= i.day",
        ("test_follow_up_lives_for_seven_days",),
        **of(living, "living_items"),
    ),
    Mutation(
        "only what lives",
        "CASE WHEN i.life = 'living' THEN i.overdue ELSE 0 END",
        "CASE WHEN i.life <> 'none' THEN i.overdue ELSE 0 END",
        ("test_both_rates",),
        **of(living, "living_items"),
    ),
    # Tables
    Mutation(
        "unknown options",
        "if unknown := sorted(options.keys() - OPTIONS):",
        "if unknown := []:",
        ("test_refused",),
        TABLE + "_report_options",
    ),
    Mutation(
        "shares of the total",
        "None if level < heads else whole",
        "whole and None",
        ("test_r1",),
        TABLE + "_report_rows",
    ),
    Mutation(
        "days do not add up",
        "heads = (0 if currency else 1) + (1 if trend else 0)",
        "heads = 0 if currency else 1",
        ("test_trend_of_statuses",),
        TABLE + "_report_table",
    ),
]
vars().update(
    mutated_cases(
        MUTATIONS,
        __name__,
        test_delay_report,
        test_dispute_report,
        test_dso_aged_report,
        test_dso_dso_report,
        test_dso_item_report,
        test_forecast_report,
        test_living_report,
        test_report_table,
        test_trend_report,
    )
)
