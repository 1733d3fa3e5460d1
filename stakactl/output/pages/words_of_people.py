"""Further words of the pages, in French and English: those of subscriptions and customers."""

from collections.abc import Mapping

from stakactl.output.pages.marks import HARD, THIN

FRENCH: Mapping[str, str] = {
    "subscriptions": "Abonnements",
    "no_subscriptions": "Aucun abonnement.",
    "customers": "Clients",
    "paying": "Clients abonnés",
    "conversion": "Taux de conversion",
    "running": "En cours",
    "active": "Actifs",
    "past_due": "En retard de paiement",
    "trial": "En période d’essai",
    "new": "Nouveaux",
    "churned": "Résiliés",
    "net_change": "Variation nette",
    "churn_rate": "Taux de résiliation",
    "mrr": f"MRR hors{HARD}TVA",
    "past_due_mrr": f"MRR en retard, hors{HARD}TVA",
    "mrr_vat_unknown": "TVA inconnue sur",
    "mrr_by_day": "MRR hors TVA en fin de journée",
    "mrr_by_week": "MRR hors TVA en fin de semaine",
    "mrr_by_month": "MRR hors TVA en fin de mois",
    "plans": "Actifs par offre",
    "name_plan": "Offre",
    "every_day": "par jour",
    "every_week": "par semaine",
    "every_month": "par mois",
    "every_year": "par an",
    "days": f"tous les {{}}{HARD}jours",
    "weeks": f"toutes les {{}}{HARD}semaines",
    "months": f"tous les {{}}{HARD}mois",
    "years": f"tous les {{}}{HARD}ans",
    "mrr_note": (
        f"MRR{HARD}: ce que les abonnements en cours facturent par mois, remises durables déduites "
        f"(une année = 12{HARD}mois = 52{HARD}semaines = 365{HARD}jours), arrondi une fois. Les "
        "abonnements en retard de paiement y comptent, les essais non. Stripe ne garde pas "
        "d’historique des prix ni des états : le passé est dit aux conditions du jour."
    ).replace(" :", f"{HARD}:"),
    "mrr_vat_note": (
        "Là où aucun taux ne dit la TVA comprise dans le prix, elle n’est pas devinée : le montant "
        "est mis à part et ne compte pas dans le MRR."
    ).replace(" :", f"{HARD}:"),
    "unpriced_note": (
        "Les offres sans prix fixe (paliers, consommation, remise d’une seule ligne) ne comptent "
        "pas dans le MRR."
    ),
    "no_customers": "Aucun client.",
    "new_customers": "Nouveaux clients",
    "paying_in_period": "Ont payé",
    "first_time": "Pour la première fois",
    "returning": "Sont revenus",
    "paying_rate": "Part qui a payé",
    "customers_at_end": "Clients à la fin",
    "new_by_day": "Nouveaux clients par jour",
    "new_by_week": "Nouveaux clients par semaine",
    "new_by_month": "Nouveaux clients par mois",
    "customer_net": "Net des clients qui ont payé",
    "customer_mean": "Net moyen par client",
    "customer_median": "Net médian par client",
    "customer_unknown": "Net sans client connu",
    "best": "Meilleurs clients",
    "name_customer": "Client",
    "customer_note": (
        "Un client est celui que l’application nomme ; à défaut le client Stripe, à défaut "
        "l’adresse e-mail. Clients : tous ceux qui ont commandé, payé ou non, et les clients de "
        "Stripe. Net : encaissements moins remboursements, litiges et frais."
    )
    .replace(" :", f"{HARD}:")
    .replace(" ;", f"{THIN};"),
}

ENGLISH: Mapping[str, str] = {
    "subscriptions": "Subscriptions",
    "no_subscriptions": "No subscriptions.",
    "customers": "Customers",
    "paying": "Subscribed customers",
    "conversion": "Conversion rate",
    "running": "Running",
    "active": "Active",
    "past_due": "Past due",
    "trial": "On trial",
    "new": "New",
    "churned": "Churned",
    "net_change": "Net change",
    "churn_rate": "Churn rate",
    "mrr": "MRR without VAT",
    "past_due_mrr": "MRR past due, without VAT",
    "mrr_vat_unknown": "VAT unknown on",
    "mrr_by_day": "MRR without VAT at the end of each day",
    "mrr_by_week": "MRR without VAT at the end of each week",
    "mrr_by_month": "MRR without VAT at the end of each month",
    "plans": "Active by plan",
    "name_plan": "Plan",
    "every_day": "a day",
    "every_week": "a week",
    "every_month": "a month",
    "every_year": "a year",
    "days": "every {} days",
    "weeks": "every {} weeks",
    "months": "every {} months",
    "years": "every {} years",
    "mrr_note": (
        "MRR: what running subscriptions bill a month, lasting discounts taken off (a year = 12 "
        "months = 52 weeks = 365 days), rounded once. Those past due count, trials do not. Stripe "
        "keeps no history of prices and states: the past is told by those of today."
    ),
    "mrr_vat_note": (
        "Where no rate says how much VAT a price includes, it is not guessed: the amount is set "
        "apart and is no part of MRR."
    ),
    "unpriced_note": (
        "Plans without a fixed price (tiers, metered use, a discount of one item) are no part of "
        "MRR."
    ),
    "no_customers": "No customers.",
    "new_customers": "New customers",
    "paying_in_period": "Paid",
    "first_time": "For the first time",
    "returning": "Came back",
    "paying_rate": "Share that paid",
    "customers_at_end": "Customers at the end",
    "new_by_day": "New customers by day",
    "new_by_week": "New customers by week",
    "new_by_month": "New customers by month",
    "customer_net": "Net of those who paid",
    "customer_mean": "Mean net per customer",
    "customer_median": "Median net per customer",
    "customer_unknown": "Net of nobody known",
    "best": "Best customers",
    "name_customer": "Customer",
    "customer_note": (
        "A customer is whom the application names so, else Stripe's customer, else the e-mail. "
        "Customers: all who ordered, paid or not, and Stripe's. Net: payments less refunds, "
        "disputes and fees."
    ),
}
