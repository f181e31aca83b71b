"""What is known about alphabets and cannot be read from ``unicodedata``: scripts, look-alikes, languages' letters."""

COMMON, LATIN, CYRILLIC, GREEK, OTHER_ALPHABET, RIGHT_TO_LEFT, DENSE, SYLLABIC = range(8)
"""Scripts, as coarse as reading text needs.

``OTHER_ALPHABET`` holds further sources of look-alikes (Armenian, Cherokee, Coptic, Lisu …); ``DENSE`` scripts write
words without spaces or a word in one or two characters (Han, Kana, Hangul, Thai, Khmer …); ``SYLLABIC`` is the rest.
"""

SCRIPT_RANGES: tuple[tuple[int, int, int], ...] = (
    (0x41, 0x5A, LATIN),
    (0x61, 0x7A, LATIN),
    (0xAA, 0xAA, LATIN),
    (0xBA, 0xBA, LATIN),
    (0xC0, 0xD6, LATIN),
    (0xD8, 0xF6, LATIN),
    (0xF8, 0x2AF, LATIN),
    (0x370, 0x3FF, GREEK),
    (0x400, 0x52F, CYRILLIC),
    (0x530, 0x58F, OTHER_ALPHABET),
    (0x590, 0x8FF, RIGHT_TO_LEFT),
    (0x900, 0xDFF, SYLLABIC),
    (0xE00, 0xEFF, DENSE),
    (0xF00, 0xFFF, SYLLABIC),
    (0x1000, 0x109F, DENSE),
    (0x10A0, 0x10FF, OTHER_ALPHABET),
    (0x1100, 0x11FF, DENSE),
    (0x1200, 0x139F, SYLLABIC),
    (0x13A0, 0x13FF, OTHER_ALPHABET),
    (0x1400, 0x177F, SYLLABIC),
    (0x1780, 0x17FF, DENSE),
    (0x1800, 0x1AAF, SYLLABIC),
    (0x1B00, 0x1C7F, SYLLABIC),
    (0x1C80, 0x1C8F, CYRILLIC),
    (0x1CD0, 0x1CFF, SYLLABIC),
    (0x1D00, 0x1DBF, LATIN),
    (0x1E00, 0x1EFF, LATIN),
    (0x1F00, 0x1FFF, GREEK),
    (0x2C60, 0x2C7F, LATIN),
    (0x2C80, 0x2CFF, OTHER_ALPHABET),
    (0x2DE0, 0x2DFF, CYRILLIC),
    (0x2E80, 0xA4CF, DENSE),
    (0xA4D0, 0xA4FF, OTHER_ALPHABET),
    (0xA640, 0xA69F, CYRILLIC),
    (0xA720, 0xA7FF, LATIN),
    (0xA800, 0xA95F, SYLLABIC),
    (0xA960, 0xA97F, DENSE),
    (0xA980, 0xAB2F, SYLLABIC),
    (0xAB30, 0xAB6F, LATIN),
    (0xAB70, 0xABBF, OTHER_ALPHABET),
    (0xABC0, 0xABFF, SYLLABIC),
    (0xAC00, 0xD7FF, DENSE),
    (0xF900, 0xFAFF, DENSE),
    (0xFB1D, 0xFDFF, RIGHT_TO_LEFT),
    (0xFE70, 0xFEFC, RIGHT_TO_LEFT),
    (0x10400, 0x104FF, OTHER_ALPHABET),
    (0x10800, 0x10FFF, RIGHT_TO_LEFT),
    (0x11000, 0x16FFF, SYLLABIC),
    (0x17000, 0x18CFF, DENSE),
    (0x1B000, 0x1B16F, DENSE),
    (0x1E800, 0x1EFFF, RIGHT_TO_LEFT),
)
"""Code point ranges, both ends included; what is in none of them is ``COMMON``."""

LOOK_ALIKES: tuple[tuple[str, str], ...] = (
    # Cyrillic, small and capital: what a reader takes them for.
    ("авекмнорстухіјѕһԁԛԝӏґгпьъёї", "abekmhopctyxijshdqwlrrnbbei"),
    ("АВЕКМНОРСТУХІЈЅҺԀԚԜӀҐГПЬЪЁЇ", "ABEKMHOPCTYXIJSHDQWLRRNBBEI".lower()),
    # Greek.
    ("αβγεζηικλμνοπρστυχωϲϳ", "abyeznikluvonpotuxwcj"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϿ", "abezhikmnoptyxcj"),
    ("άέήίόύώϊϋ", "aeniouwiu"),
    # Armenian, Cherokee, Coptic, Lisu.
    ("օսոհցզքյՕՍՏԼ", "ounhgqpjousl"),
    ("ᎪᏢᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏁᎾᎡᏚᎢᏙᎳᏃᏴᏂᏏᏒ", "apcdeghijklmnorstvwzbhbr"),
    ("ⲀⲂⲈⲎⲒⲔⲘⲚⲞⲢⲤⲦⲨⲬⲁⲟⲣⲥ", "abehikmnopctyxaopc"),
    ("ꓐꓒꓓꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓤꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "bpdgkjczfmnlsrrvhwxyaeiou"),
)
"""Letters of other alphabets, and the Latin letter each is taken for."""

DECISIVE_ANYWAY = "гпьъёїґγλπσωάήίύώϊϋ"
"""Look-alikes too weak to let a whole word of them pass for Latin: one of these shows whose word it is."""

LATIN_VARIANTS: tuple[tuple[str, str], ...] = (
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"),
    ("ɑɡɩɯƒʋɾʂ", "agiwfvrs"),
)
"""Phonetic and small-capital letters that no text in a messenger needs, and the plain letter each is taken for."""

LATIN_BASES: tuple[tuple[str, str], ...] = (("øđłħŧɨƀıɍɏƶɓɗƙƴơưɛ", "odlhtibiryzbdkyoue"),)
"""Letters with a stroke or hook, which have no canonical decomposition, and the letter under it."""

IMITATED: dict[int, tuple[str, str]] = {
    CYRILLIC: ("aceopxykmthbij", "асеорхукмтнвіј"),
    GREEK: ("aoviktpuxy", "αονικτρυχγ"),
}
"""Latin letters that stand in for letters of another alphabet, in words of that alphabet."""

_VIETNAMESE = "ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"  # every vowel with every tone

LANGUAGE_LETTERS: tuple[tuple[str, str], ...] = (
    ("äöüßé", ""),  # German
    ("àâæçéèêëîïôœùûüÿ", ""),  # French
    ("áéíñóúü", ""),  # Spanish, Filipino
    ("áâãàçéêíóôõúüòè", ""),  # Portuguese, Galician
    ("àèéìíîòóùú", ""),  # Italian
    ("àçèéíïòóúü", ""),  # Catalan
    ("çğıöşüâîû", "qwx"),  # Turkish
    ("əğıöşüç", "w"),  # Azerbaijani
    ("ąćęłńóśźż", "qvx"),  # Polish
    ("áčďéěíňóřšťúůýž", ""),  # Czech
    ("áäčďéíĺľňóôŕšťúýž", ""),  # Slovak
    ("áéíóöőúüű", ""),  # Hungarian
    ("ăâîșțşţ", ""),  # Romanian
    ("čćđšž", ""),  # Bosnian, Croatian, Serbian, Slovene
    ("åäöéü", ""),  # Swedish
    ("æøåéèòóôêü", ""),  # Danish, Norwegian
    ("áðéíóúýþæö", ""),  # Icelandic, Faroese
    ("äöåšž", ""),  # Finnish
    ("äöõüšž", ""),  # Estonian
    ("āčēģīķļņšūž", "qwxy"),  # Latvian
    ("ąčęėįšųūž", "qwx"),  # Lithuanian
    ("éëïóöüèáíúê", ""),  # Dutch, Afrikaans
    ("ċġħżàèìòù", ""),  # Maltese
    ("âêîôûŵŷáéíóúýäëïöẅẁ", ""),  # Welsh, Irish
    ("çë", ""),  # Albanian
    (_VIETNAMESE, "fjwz"),
    ("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü", "v"),  # Pinyin
    ("ẹọṣáàéèíìóòúùńǹ", ""),  # Yoruba, Igbo
    ("ịọụṅ", ""),  # Igbo
    ("ɓɗƙƴ", ""),  # Hausa
    ("āēīōūñ", ""),  # Māori, Hawaiian, Samoan
    ("ĉĝĥĵŝŭ", ""),  # Esperanto
    ("ãẽĩñõũỹâîû", ""),  # Guarani, Kikuyu
    ("āīūṛṝḷṃḥṅñṭḍṇśṣẓġḫḵōē", ""),  # transliterated Indic, Arabic, Persian
    ("êîûçşğ", ""),  # Kurdish
    ("ŋđšžčŧáâ", ""),  # Sámi
    ("ɛɔŋ", ""),  # Akan, Ewe, Bambara
    ("oʻ", ""),  # Uzbek
)
"""Per language the letters it writes beyond a–z, and the letters of a–z that its own words never have."""

COUNTRIES = (
    "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ "
    "FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR "
    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM "
    "MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT "
    "PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL "
    "TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
"""The regions that have a flag, as two regional indicators."""
