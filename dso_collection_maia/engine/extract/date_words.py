"""How each language speaks of days: fragments of patterns for :mod:`.dates`.

Written without accents and in lower case, as the folded text in which they are sought.
For each language:

- ``days``: {0: today, 1: tomorrow, 2: the day after}
- ``next``, ``this``: what stands before or after a period
- ``day``, ``week``, ``month``, ``quarter``, ``year``, ``hour``: the units
- ``working``: before or after the unit, working days
- ``within``, ``after``: what stands before, or after, a number of units
- ``begin``, ``middle``, ``end``: of a month or another period
- ``of``: between those and the period
- ``calendar_week``: before the number of a week
- ``dom``: a day of a month without its month, ``#`` is the number
- ``numbers``: {word: number}; ``periods``: {words: (unit, number)} for set phrases
"""


def _numbers(text):
    return {
        word: number
        for number, words in enumerate(text.split(), 1)
        for word in words.split("/")
        if word != "-"
    }


WORDS = {
    "en": {
        "days": {
            0: r"today|tonight|this (?:afternoon|evening|morning)"
            r"|end of (?:business|day)"
            r"|by cob|eod",
            1: r"tomorrow|tmrw|tmr",
            2: r"day after (?:tomorrow|tmrw|tmr)",
        },
        "next": r"next|following|coming",
        "this": r"this|the current|the",
        "day": "days?",
        "week": "weeks?|wks?",
        "month": "months?",
        "quarter": "quarters?",
        "year": "years?",
        "hour": "hours?|hrs?",
        "working": "(?:working|business|banking|bank)",
        "within": r"within(?: the)?(?: next| coming)?|in(?: the)?(?: next| another)?"
        r"|(?:over|during) the next|(?:max(?:imum)?|at most|no more than)"
        r"|another|give (?:me|us)|(?:extension|delay) of|need(?: another)?",
        "after": r"from (?:now|today)|'? time|pls|please|more|extension",
        "begin": r"beginning|start|early(?: in)?|first days",
        "middle": r"middle|mid|half[- ]?way through",
        "end": r"end|late|close|last day",
        "of": r"of(?: the)?|in",
        "calendar_week": r"calendar week|week(?: no\.?| number)?|cw|wk",
        "dom": [
            r"(?:on|by|until|before|till|around|for|latest) (?:the )?#(?:st|nd|rd|th)",
            r"(?:the )?#(?:st|nd|rd|th)(?! (?:invoice|reminder|floor|time|letter|"
            r"notice|year))",
        ],
        "numbers": _numbers(
            "a/an/one two/couple three four five six seven eight nine ten eleven twelve"
            " - fourteen fifteen"
        )
        | {"thirty": 30, "a couple of": 2, "twenty": 20},
        "periods": {
            r"(?:in |within )?(?:a |the next )?fortnight(?:'s time)?": ("day", 14),
            r"a week (?:from )?today": ("day", 7),
        },
        "ends": {
            r"month[- ]?end|eom": "month",
            r"quarter[- ]?end|eoq": "quarter",
            r"year[- ]?end|eoy": "year",
            r"by the weekend|before the weekend": "week",
        },
    },
    "de": {
        "days": {
            0: r"heute|heut",
            1: r"(?<!guten )(?<!heute )(?<!am )morgen",
            2: r"ubermorgen|uebermorgen",
        },
        "next": r"(?:der |dem |den |die |des )?"
        r"(?:nachst|naechst|kommend|folgend)e?[mnrs]?"
        r"|nexte[nr]?",
        "this": r"diese[mnrs]?|laufende[mnrs]?|(?:der|des) laufenden|des|der",
        "day": "tage?n?",
        "week": "wochen?",
        "month": "monate?[ns]?s?|mts\\.?",
        "quarter": "quartale?s?",
        "year": "jahre?[ns]?s?",
        "hour": "stunden?",
        "working": r"(?:werk|arbeits|bank|geschafts|geschaefts)",
        "within": r"innerhalb(?: von| der nachsten)?|innert|binnen"
        r"|in(?: den nachsten| ca\.?"
        r"| spatestens| etwa)?|spatestens in|um(?: weitere)?|noch|aufschub von",
        "after": r"ab (?:heute|jetzt|sofort)|spater|mehr zeit|aufschub",
        "begin": r"anfang|beginn|zu beginn|zum beginn|anfangs",
        "middle": r"mitte",
        "end": r"ende|zum ende|schluss|(?:am )?letzten? tag",
        "of": r"des|der|vom|von",
        "calendar_week": r"kw|kalenderwoche|kalw\.?",
        "dom": [
            r"(?:am|zum|bis(?: zum| spatestens(?: zum)?)?|vor dem|ab dem|den|dem) #\."
            r"(?! ?[a-z]* ?kalenderwoche| ?kw)",
            r"am #(?:ten)",
            r"der #\.(?= ?passt)",
        ],
        "numbers": _numbers(
            "ein/eine/einem/einer/einen zwei/zwo drei vier funf/fuenf sechs sieben acht"
            " neun zehn elf zwolf/zwoelf - vierzehn"
        ),
        "periods": {},
        "ends": {
            r"monatsende|ultimo|ende monat|monatsultimo": "month",
            r"quartalsende": "quarter",
            r"jahresende": "year",
            r"wochenende": "week",
        },
    },
    "fr": {
        "days": {
            0: r"aujourd'? ?hui|ce jour|ce (?:soir|matin)|cet apres[- ]midi",
            1: r"demain|dmn|2main",
            2: r"apres[- ]?demain",
        },
        "next": r"prochaine?s?|suivante?|qui vient"
        r"|(?:la |le )?(?:semaine |mois )?a venir",
        "this": r"cette|ce|en cours|courante?|du|de la|de l'",
        "day": "jours?|jrs?|j",
        "week": "semaines?",
        "month": "mois",
        "quarter": "trimestres?",
        "year": "annees?|ans?",
        "hour": "heures?|h",
        "working": r"(?:ouvres|ouvrables|ouvre|ouvrable)",
        "within": r"dans(?: les| un delai de)?|sous|d'ici(?: a)?|en|au plus tard dans"
        r"|dans les prochains|dans un delai maximum de|maximum|delai de|report de|"
        r"encore",
        "after": r"de plus|supplementaires?|de delai|de repit",
        "begin": r"debut(?: du mois)?|au debut|courant debut",
        "middle": r"mi|milieu|a la mi",
        "end": r"fin(?: du mois)?|a la fin|d'ici la fin|(?:le )?dernier jour",
        "of": r"de(?: la| l')?|du|d'|des",
        "calendar_week": r"semaine(?: n[o°.]*)?|sem\.?",
        "dom": [
            r"(?:le|au|du|pour le|avant le|d'ici le|jusqu'au|vers le|d'ici au|des le"
            r"|au plus tard le|a partir du|autour du) (?:jour )?#(?:er)?"
            r"(?! ?(?:%|eur|jours|factures|h\b|heures|/|\.|[a-z]*ieme))",
        ],
        "numbers": _numbers(
            "un/une deux trois quatre cinq six sept huit neuf dix onze douze - - quinze"
        )
        | {"trente": 30},
        "periods": {
            r"(?:sous|d'ici(?: une)?|dans (?:une|la)) huitaine(?: de jours)?": (
                "day",
                8,
            ),
            r"(?:sous|d'ici(?: une)?|dans (?:une|la)) quinzaine(?: de jours)?": (
                "day",
                15,
            ),
            r"(?:sous|dans) (?:une )?dizaine de jours": ("day", 10),
        },
        "ends": {r"fin de mois|fin du mois": "month", r"fin d'annee": "year"},
    },
    "es": {
        "days": {
            0: r"hoy(?: mismo)?|esta (?:tarde|noche)",
            1: r"(?<!la )(?<!esta )(?<!por la )manana(?! por la manana pasada)",
            2: r"pasado manana",
        },
        "next": r"proxim[oa]s?|siguientes?|que viene|que entra|entrante",
        "this": r"est[ea]|presente|en curso|actual|corriente|del?|de la",
        "day": "dias?",
        "week": "semanas?",
        "month": "mes(?:es)?",
        "quarter": "trimestres?",
        "year": "anos?",
        "hour": "horas?",
        "working": r"(?:habiles|laborables|laborales|habil|laborable)",
        "within": r"en(?: un plazo(?: maximo)? de| los proximos| las proximas)?"
        r"|dentro de(?: los proximos| las proximas)?|de aqui a|a|plazo de|en unos|"
        r"prorroga de|otros",
        "after": r"mas",
        "begin": r"principios?|a principios?|primeros(?: dias)?|comienzos?|inicios?",
        "middle": r"mediados|mitad",
        "end": r"finales|final|fin|ultimos dias|(?:el )?ultimo dia",
        "of": r"de(?:l| la| los)?",
        "calendar_week": r"semana(?: n[o°.]*)?|sem\.?",
        "dom": [
            r"(?:el|el dia|dia|al|del|para el(?: dia)?|antes del(?: dia)?|hasta el(?: "
            r"dia)?"
            r"|sobre el(?: dia)?|hacia el(?: dia)?) #(?! ?(?:%|eur|dias|h\b|/|de cada|"
            r"\.\d))",
        ],
        "numbers": _numbers(
            "un/una/uno dos tres cuatro cinco seis siete ocho nueve diez once doce - -"
            " quince"
        )
        | {"treinta": 30},
        "periods": {
            r"(?:en )?(?:una|la proxima) quincena|en quince dias": ("day", 15),
        },
        "ends": {r"fin de mes|final de mes": "month", r"fin de ano": "year"},
    },
    "it": {
        "days": {
            0: r"oggi(?: stesso)?|stasera|stamattina|in giornata",
            1: r"domani",
            2: r"dopodomani|dopo domani",
        },
        "next": r"prossim[oaie]|successiv[oa]|che viene|entrante|seguente"
        r"|(?:la )?ventura",
        "this": r"quest[oa]|corrente|in corso|del?|della",
        "day": "giorni|giorno|gg\\.?",
        "week": "settiman[ae]",
        "month": "mes[ei]",
        "quarter": "trimestr[ei]",
        "year": "ann[oi]",
        "hour": "or[ae]",
        "working": r"(?:lavorativi|lavorativo|lavorat\.)",
        "within": r"entro(?: i prossimi| le prossime| e non oltre)?|tra|fra|nel giro di"
        r"|in|nei prossimi|nelle prossime|entro massimo",
        "after": "-",
        "begin": r"inizio|inizi|agli inizi|all'inizio|primi(?: giorni)?|ai primi",
        "middle": r"meta|a meta",
        "end": r"fine|la fine|alla fine|ultimi giorni|(?:l'|l')?ultimo giorno",
        "of": r"de(?:l|lla|ll'|i)?|di|d'",
        "calendar_week": r"settimana(?: n[.°]*)?|sett\.?",
        "dom": [
            r"(?:il|il giorno|entro il(?: giorno)?|per il(?: giorno)?|prima del|fino "
            r"al|dal"
            r"|verso il|intorno al|al|giorno|del) #(?! ?(?:%|eur|giorni|gg|/|\.\d))",
            r"l'#",
        ],
        "numbers": _numbers(
            "un/uno/una/un' due tre quattro cinque sei sette otto nove dieci undici"
            " dodici - - quindici"
        )
        | {"trenta": 30},
        "periods": {
            r"(?:entro|tra|fra) una quindicina di giorni": ("day", 15),
            r"(?:entro|tra|fra) una decina di giorni": ("day", 10),
        },
        "ends": {
            r"fine mese": "month",
            r"fine anno": "year",
            r"fine settimana": "week",
        },
    },
    "nl": {
        "days": {
            0: r"vandaag(?: nog)?|vanmiddag|vanavond",
            1: r"(?<!goede )morgen",
            2: r"overmorgen",
        },
        "next": r"volgende?|komende|aanstaande|eerstvolgende|a\.?s\.?",
        "this": r"deze|dit|lopende|van de|van het|de|het",
        "day": "dagen|dag",
        "week": "weken|week",
        "month": "maanden|maand",
        "quarter": "kwartalen|kwartaal",
        "year": "jaren|jaar",
        "hour": "uren|uur",
        "working": "(?:werk|bank)",
        "within": r"binnen(?: de komende)?|over|in(?: de komende)?"
        r"|uiterlijk (?:over|binnen)"
        r"|de komende",
        "after": "-",
        "begin": "begin",
        "middle": r"midden|half|medio|halverwege",
        "end": r"eind|einde|eind van|het einde|(?:de )?laatste dag",
        "of": r"van(?: de| het)?|der|v/d|vd",
        "calendar_week": r"week(?:nummer| nr\.?)?|wk",
        "dom": [
            r"(?:op|voor|tegen|rond|uiterlijk|vanaf|tot|per)(?: de)? #(?:ste|de|e)?"
            r"(?! ?(?:%|eur|dagen|uur|/|facturen))",
            r"de #(?:ste|de|e)",
        ],
        "numbers": _numbers(
            "een/een/1 twee drie vier vijf zes zeven acht negen tien elf twaalf - "
            "veertien"
        ),
        "periods": {},
        "ends": {
            r"maandeinde|ultimo|eind maand": "month",
            r"kwartaaleinde": "quarter",
            r"jaareinde": "year",
            r"voor het weekend": "week",
        },
    },
    "pt": {
        "days": {
            0: r"hoje(?: mesmo| ainda)?|ainda hoje|esta tarde",
            1: r"amanha",
            2: r"depois de amanha",
        },
        "next": r"proxim[oa]s?|seguinte|que vem|que entra",
        "this": r"est[ea]|dest[ea]|nest[ea]|corrente|em curso|d[oa]|vigente",
        "day": "dias?",
        "week": "semanas?",
        "month": "mes(?:es)?",
        "quarter": "trimestres?",
        "year": "anos?",
        "hour": "horas?",
        "working": r"(?:uteis|util)",
        "within": r"em(?: ate)?|dentro de|daqui a|no prazo(?: maximo)? de|nos proximos"
        r"|nas proximas|ate|num prazo de",
        "after": "-",
        "begin": r"inicio|principio|comeco|primeiros dias|inicios",
        "middle": r"meados|meio|metade",
        "end": r"fim|final|finais|(?:o )?ultimo dia",
        "of": r"d[eoa]s?",
        "calendar_week": r"semana(?: n[.o°]*)?|sem\.?",
        "dom": [
            r"(?:dia|no dia|ate(?: ao| o)? dia|ate ao|ao dia|para o dia|a|em) #"
            r"(?! ?(?:%|eur|dias|/|de cada|\.\d|parcelas|vezes|faturas|notas))",
        ],
        "numbers": _numbers(
            "um/uma dois/duas tres quatro cinco seis sete oito nove dez onze doze - -"
            " quinze"
        )
        | {"trinta": 30},
        "periods": {r"(?:na proxima|dentro de uma|em uma|numa) quinzena": ("day", 15)},
        "ends": {r"fim de mes|final de mes|fim do mes": "month"},
    },
    "pl": {
        "days": {
            0: r"dzis(?:iaj)?|jeszcze dzis",
            1: r"jutro|jutra|jutrzejsz(?:ym|ego)",
            2: r"pojutrze",
        },
        "next": r"(?:w )?(?:przyszl|nastepn|kolejn|najblizsz|nadchodzac)\w{1,4}",
        "this": r"(?:w )?(?:tym|ten|tego|biezac\w{1,4}|te)",
        "day": r"dni|dzien|dnia",
        "week": r"tydzien|tygodni[aeu]?m?|tyg\.?",
        "month": r"miesiac[ae]?|miesiec[ya]|miesiecy|m-ca|mies\.?",
        "quarter": r"kwartal[uy]?|kw\.",
        "year": r"rok[ui]?|roku|lat[a]?",
        "hour": r"godzin[y]?|godz\.?|h",
        "working": r"(?:robocz\w{1,3})",
        "within": r"za(?: ok\.| okolo)?|w (?:ciagu|przeciagu|terminie)(?: najblizszych"
        r"| kolejnych)?|do|przez najblizsze",
        "after": "-",
        "begin": r"poczat(?:ek|ku|kiem)",
        "middle": r"polow(?:a|ie|y|e)|srodk[ua]|srodek",
        "end": r"kon(?:iec|ca|cu|cem)|ostatni(?:ego|m)(?: dni[au]?)?",
        "of": r"z",
        "calendar_week": r"tydzien(?: nr)?|tygodniu(?: nr)?|kt",
        "dom": [
            r"(?:do|dnia|na|po|przed|okolo|ok\.|w dniu|od|z) (?:dnia )?#"
            r"(?:\.|-?(?:go|tego|ego|ym|tym))?(?! ?(?:%|zl|pln|eur|dni|godz|h\b|/|\.\d"
            r"|rat|faktur|tys|\d|roboczych|tygodni|miesi|lat))",
            r"#-?(?:go|tego|ego|ym)",
        ],
        "numbers": _numbers(
            "jeden/jednego/jedna dwa/dwoch/dwie/dwu trzy/trzech cztery/czterech"
            " piec/pieciu szesc/szesciu siedem/siedmiu osiem/osmiu dziewiec"
            " dziesiec/dziesieciu - - - czternascie/czternastu pietnascie"
        ),
        "periods": {
            r"(?:za|w ciagu) tydzien|w ciagu tygodnia|w ciagu najblizszego tygodnia": (
                "day",
                7,
            ),
            r"za miesiac|w ciagu miesiaca": ("month", 1),
            r"(?:za|w ciagu) (?:dwa tygodnie|dwoch tygodni)": ("day", 14),
        },
        "ends": {},
    },
    "tr": {
        "days": {
            0: r"bugun(?:ku)?",
            1: r"yarin(?:a|ki)?",
            2: r"obur gun|ertesi gun|yarindan sonra",
        },
        "next": r"gelecek|onumuzdeki|sonraki|ertesi",
        "this": r"bu|icinde bulundugumuz",
        "day": r"gun(?:luk|de|u|e|den)?",
        "week": r"hafta(?:nin|ya|da|lik|si|sina)?",
        "month": r"ay(?:in|da|lik|a)?",
        "quarter": r"ceyre[kg](?:in|i)?",
        "year": r"yil(?:in|i)?",
        "hour": r"saat(?:lik)?",
        "working": r"(?:is|calisma)",
        "within": r"-",
        "after": r"icinde|icerisinde|sonra|sonrasinda|zarfinda|e kadar|ye kadar",
        "begin": r"bas(?:i|inda|ina|indan)",
        "middle": r"ortasi(?:nda|na)?|ortalari(?:nda|na)?",
        "end": r"son(?:u|una|unda|undan)|bitimi(?:nde|ne)?|son gunu",
        "of": r"-",
        "calendar_week": r"-",
        "dom": [
            r"ayin #['’]?(?:[a-z]{1,6})?",
            r"#['’](?:sinda|sine|unda|una|inde|ine|inda|ina|unde|une|si|i|u|e|ye|ya|a|"
            r"de|da"
            r"|te|ta)(?: kadar)?(?! ?(?:tl|eur|lira))",
        ],
        "numbers": _numbers(
            "bir iki uc dort bes alti yedi sekiz dokuz on - - - - onbes/on bes"
        ),
        "periods": {},
        "ends": {
            r"ay ?sonu(?:na|nda|na kadar)?": "month",
            r"yil ?sonu(?:na|nda)?": "year",
            r"hafta ?sonu(?:na|nda)?": "week",
            r"ceyrek ?sonu(?:na|nda)?": "quarter",
        },
    },
    "ro": {
        "days": {
            0: r"azi|astazi|diseara",
            1: r"maine|miine",
            2: r"poimaine",
        },
        "next": r"viitoare|viitor|viitorul?ui|urmato(?:are|r|area|rul|arei)|care vine",
        "this": r"aceasta|acest|acestei|acestui|curent[ae]?|asta|in curs",
        "day": r"zile|zi|zilele",
        "week": r"saptaman(?:a|i|ii|ile)",
        "month": r"lun(?:a|i|ii|ile)",
        "quarter": r"trimestr(?:ul|u|ului|e)",
        "year": r"an(?:ul|ului|i)?",
        "hour": r"ore|ora",
        "working": r"(?:lucratoare|lucratoarele|bancare)",
        "within": r"in(?: termen(?: maxim)? de| maxim(?:um)?| urmatoarele| cel mult"
        r"| decurs de| decursul a| cursul a)?|peste|in termen de",
        "after": "-",
        "begin": r"incep(?:utul|ut|erea)|inceputului",
        "middle": r"mijloc(?:ul)?|jumatatea",
        "end": r"sfarsit(?:ul)?|final(?:ul)?|finele|sfirsitul|ultima zi",
        "of": r"de|al|a|lui|lunii",
        "calendar_week": r"saptamana(?: nr\.?)?|sapt\.?|s",
        "dom": [
            r"(?:pe|pana pe|pana la|pana in|in|la|inainte de|de pe|din)(?: data de)? #"
            r"(?! ?(?:%|lei|ron|eur|zile|ore|/|\.\d|de zile|rate|saptaman|luni\b|"
            r"transe))",
            r"(?:data|ziua) de #",
        ],
        "numbers": _numbers(
            "o/un/unu doua/doi trei patru cinci sase sapte opt noua zece - - - - "
            "cincisprezece"
        ),
        "periods": {
            r"(?:peste|in) (?:o )?saptamana": ("day", 7),
            r"peste o luna|in(?: termen de)? o luna": ("month", 1),
        },
        "ends": {},
    },
    "sv": {
        "days": {
            0: r"i ?dag|i kvall|i eftermiddag",
            1: r"(?<!god )i ?morgon|imorn|i morron",
            2: r"i ?overmorgon",
        },
        "next": r"nasta|kommande|nastkommande|foljande",
        "this": r"den har|denna|innevarande|nuvarande|detta|i",
        "day": r"dagar(?:na)?|dag|dgr",
        "week": r"vecka(?:n|ns)?|veckor(?:na)?",
        "month": r"manad(?:en|ens|er|s)?",
        "quarter": r"kvartal(?:et|ets)?",
        "year": r"ar(?:et|ets)?",
        "hour": r"timmar|timme",
        "working": r"(?:arbets|bank|vardags|var)",
        "within": r"om(?: ca| cirka)?|inom(?: de narmaste| loppet av)?|senast om"
        r"|de narmaste",
        "after": "-",
        "begin": r"borjan|ingangen",
        "middle": r"mitten|medio",
        "end": r"slutet|slut|utgangen|(?:den )?sista(?: dagen)?",
        "of": r"av|pa|i",
        "calendar_week": r"vecka|v\.?|veckan",
        "dom": [
            r"(?:den|senast(?: den)?|fore den|till den|omkring den|runt den|"
            r"fr\.?o\.?m\.? den)"
            r" #(?::?[ae])?(?! ?(?:%|kr|dagar|/|\.\d))",
        ],
        "numbers": _numbers(
            "en/ett tva tre fyra fem sex sju atta nio tio elva tolv - fjorton femton"
        ),
        "periods": {},
        "ends": {
            r"manadsskiftet|manadsslutet|manadens slut|ultimo": "month",
            r"arsskiftet|arets slut": "year",
            r"kvartalsskiftet|kvartalsslutet": "quarter",
            r"(?:fore|innan|till) helgen": "week",
        },
    },
    "hr": {
        "days": {
            0: r"danas|veceras",
            1: r"sutra",
            2: r"preksutra|prekosutra",
        },
        "next": r"(?:sljedec|iduc|slijedec|naredn|dolazec)\w{1,3}",
        "this": r"(?:ov|tekuc)\w{1,3}",
        "day": r"dana?|dan",
        "week": r"tjed(?:an|na|nu|ana|nom|ni)|sedmic[aeu]",
        "month": r"mjesec[aiu]?|mj\.?",
        "quarter": r"kvartal[au]?|tromjesecj[aeu]",
        "year": r"godin[aeu]|god\.?",
        "hour": r"sat[ia]?|h",
        "working": r"(?:radn\w{1,3})",
        "within": r"za|u roku(?: od)?|kroz|unutar|u (?:sljedecih|iducih|narednih)|do",
        "after": "-",
        "begin": r"pocet(?:ak|ka|kom|ku)",
        "middle": r"sredin[aeiou]m?|polovic[aeiou]m?",
        "end": r"kraj(?:a|u|em)?|(?:posljednj|zadnj)(?:i|eg|ega) dan[a]?",
        "of": r"-",
        "calendar_week": r"tjedan(?: br\.?)?|tjednu(?: br\.?)?",
        "dom": [
            r"(?:do|dana|oko|prije|od|najkasnije do|na)(?: dana)? #(?:\.|-?t?og)"
            r"(?! ?(?:%|kn|eur|\d|dana|rate))",
            r"#\.(?= (?:u mjesecu|ovog|sljedeceg|iduceg|tekuceg|o\.?mj))",
        ],
        "numbers": _numbers(
            "jedan/jednog/jednu/jedne dva/dvije/dvaju tri cetiri pet sest sedam osam "
            "devet"
            " deset - - - cetrnaest petnaest"
        ),
        "periods": {
            r"(?:za|kroz|u roku(?: od)?) (?:jedan |jednog )?tjed(?:an|na)(?: dana)?": (
                "day",
                7,
            ),
            r"za (?:jedan )?mjesec(?: dana)?|u roku(?: od)? (?:jednog )?mjesec[a]?"
            r"(?: dana)?": ("month", 1),
        },
        "ends": {},
    },
    "zh": {
        "days": {
            0: r"今天|今日|本日|今晚|今早|当天",
            1: r"明天|明日|次日",
            2: r"后天|後天",
        },
        "numbers": _numbers("一 二/两 三 四 五 六 七 八 九 十 十一 十二 - 十四 十五")
        | {"二十": 20, "三十": 30},
    },
    "ja": {
        "days": {
            0: r"本日|今日|今夜|当日中",
            1: r"明日|あす|あした|翌日(?!の)",
            2: r"明後日|あさって",
        },
        "numbers": _numbers("一 二 三 四 五 六 七 八 九 十 十一 十二 - 十四 十五")
        | {"二十": 20, "三十": 30},
    },
}

#: The seven, Monday first, in the forms that are written.
WEEKDAYS = {
    "en": [
        r"mondays?|mon(?!-)",
        r"tuesdays?|tues?(?!-)",
        r"wednesdays?|wed(?!-)",
        r"thursdays?|thu(?:rs?)?(?!-)",
        r"fridays?|fri(?!-)",
        r"saturdays?|(?<=on )sat|(?<=by )sat|(?<=next )sat|(?<=this )sat",
        r"sundays?|(?<=on )sun|(?<=by )sun|(?<=next )sun|(?<=this )sun",
    ],
    "de": [
        r"montags?|(?:(?<=am )|(?<=bis )|(?<=geht )|(?<=kommt ))mo|mo(?= (?:raus|"
        r"fertig))",
        r"dienstags?|(?:(?<=am )|(?<=bis ))di",
        r"mittwochs?|(?:(?<=am )|(?<=bis ))mi",
        r"donnerstags?|(?:(?<=am )|(?<=bis ))do",
        r"freitags?|(?:(?<=am )|(?<=bis )|(?<=geht )|(?<=kommt )|(?<=dir ))fr|fr(?= "
        r"(?:raus|fertig))",
        r"samstags?|sonnabends?|(?:(?<=am )|(?<=bis ))sa",
        r"sonntags?",
    ],
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
    "es": [
        *"lunes martes miercoles jueves".split(),
        r"viernes|(?<=el )vier?",
        *"sabado domingo".split(),
    ],
    "it": "lunedi martedi mercoledi giovedi|gio venerdi|ven sabato domenica".split(),
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag".split(),
    "pt": [
        r"segunda[- ]feira|(?:(?<=na )|(?<=ate )|(?<=proxima ))segunda|2a(?:[- "
        r"]feira)?",
        r"terca[- ]feira|terca|3a(?:[- ]feira)?",
        r"quarta[- ]feira|(?:(?<=na )|(?<=ate )|(?<=proxima ))quarta|4a(?:[- ]feira)?",
        r"quinta[- ]feira|(?:(?<=na )|(?<=ate )|(?<=proxima ))quinta|5a(?:[- ]feira)?",
        r"sexta[- ]feira|sexta|6a(?:[- ]feira)?",
        r"sabado",
        r"domingo",
    ],
    "pl": [
        r"poniedzial(?:ek|ku|kiem)",
        r"wtor(?:ek|ku|kiem)",
        r"srod[aeyo]",
        r"czwart(?:ek|ku|kiem)",
        r"piat(?:ek|ku|kiem)|(?<=w )pt|(?<=do )pt",
        r"sobot[aeyo]",
        r"niedziel[aeio]",
    ],
    "tr": [
        r"pazartesi(?:'?(?:ye|den|nde|si))?",
        r"sali(?:'?(?:ya|dan))?(?= gun|\b)",
        r"carsamba(?:'?(?:ya|dan|yi))?",
        r"persembe(?:'?(?:ye|den|yi))?",
        r"cuma(?:'?(?:ya|dan|yi))?",
        r"cumartesi(?:'?(?:ye|den))?",
        r"pazar(?:'?(?:a|dan))?",
    ],
    "ro": [
        r"lunea|(?<!\d )(?<!doua )(?<!trei )(?<!cateva )luni",
        r"marti|martea",
        r"miercuri|miercurea",
        r"joi|joia",
        r"vineri|vinerea",
        r"sambata",
        r"duminica",
    ],
    "sv": [
        r"mandag(?:en|s)?|(?<=pa )man",
        r"tisdag(?:en|s)?|tis",
        r"onsdag(?:en|s)?|(?<=pa )ons",
        r"torsdag(?:en|s)?|tors?",
        r"fredag(?:en|s)?|fre",
        r"lordag(?:en|s)?",
        r"sondag(?:en|s)?",
    ],
    "hr": [
        r"ponedjelj(?:ak|ka|kom|ku)",
        r"utor(?:ak|ka|kom)",
        r"srijed[aeu]",
        r"cetvrt(?:ak|ka|kom)",
        r"pet(?:ak|ka|kom)",
        r"subot[aeu]",
        r"nedjelj[aeu]",
    ],
    "zh": [f"(?:周|星期|礼拜|週){day}" for day in "一 二 三 四 五 六 [日天]".split()],
    "ja": [f"{day}曜日?|\\({day}\\)" for day in "月 火 水 木 金 土 日".split()],
}
