"""Names and values that columns of such files have in the wild, best known first."""

from __future__ import annotations

from typing import Final

NAMES: Final[dict[str, str]] = {
    "user": r"user|userid|uid|reviewer|reviewerid|customer|customerid|member|memberid|critic|author"
    r"|authorid|username|visitor|visitorid|account|accountid|profile|profilename|who|reader|player"
    r"|buyer|buyerid|consumer|consumerid|person|personid|session|sessionid",
    "item": r"item|itemid|product|productid|asin|parentasin|movie|movieid|film|filmid|book|bookid"
    r"|isbn|game|gameid|app|appid|business|businessid|song|songid|track|trackid|artist|artistid"
    r"|article|articleid|sku|place|placeid|venue|venueid|poi|restaurant|restaurantid|hotel|hotelid"
    r"|recipe|recipeid|news|newsid|video|videoid|what|attraction|anime|animeid|beer|beerid|good",
    "review_id": r"reviewid|commentid|postid",
    "rating": r"rating|ratings|stars|star|score|overall|grade|reviewscore|reviewrating|vote|points",
    "label": r"recommend|recommended|liked|like|fresh|label|sentiment|isrecommended|votedup|thumb"
    r"|polarity|positive|feedback",
    "timestamp": r"timestamp|time|date|datetime|when|unixreviewtime|reviewtime|createdat|created"
    r"|reviewdate|at|ts|postedat|posted|submissiondate|submitted|updatedat|writtenat|day",
    "text": r"text|review|reviewtext|comment|comments|body|content|reviewbody|reviewcontent|said"
    r"|message|opinion|feedbacktext|fulltext|reviewsummary|tag",
    "title": r"title|summary|headline|reviewtitle|subject|reviewheadline|head",
    "behaviour": r"behaviour|behavior|event|eventtype|action|activity|type|behaviortype|acttype",
    "count": r"count|plays|playcount|weight|quantity|qty|times|listens|hours|amount|n",
    "dwell_seconds": r"dwell|dwellseconds|dwelltime|duration|seconds|readtime|watchtime|timespent",
    "split": r"split|fold|set|partition|part|subset",
    "item_title": r"title|name|itemname|productname|movietitle|producttitle|appname|booktitle",
    "description": r"description|synopsis|plot|about|overview|summary|abstract|details|desc|text",
    "price": r"price|cost|ticketprice|listprice|saleprice",
    "released_at": r"released|releasedate|releasedat|year|published|publishdate|publicationyear"
    r"|theaterdate|releaseyear|publicationdate|datepublished",
}
ATTRIBUTES: Final = (
    r"genre|category|subcategory|tag|brand|author|director|writer|artist|developer|publisher|studio"
    r"|actor|cast|label|store|manufacturer|maker|platform|language|country|city|keyword|topic|spec"
    r"|cuisine|department|colour|color|class|type|series|seller"
)
PRIVATE: Final = r".*(email|mail|phone|address)$|ip"
A_NAME: Final = r".*name"
LIKED: Final = frozenset(
    {"true", "yes", "y", "fresh", "positive", "pos", "liked", "like", "recommended", "up", "good"}
    | {"thumbsup", "1"}
)
DISLIKED: Final = frozenset(
    {"false", "no", "n", "rotten", "negative", "neg", "disliked", "dislike", "notrecommended"}
    | {"down", "bad", "thumbsdown", "0", "-1"}
)
BEHAVIOURS: Final[dict[str, str]] = {
    "view": "VIEWED",
    "pv": "VIEWED",
    "click": "CLICKED",
    "cart": "ADDED_TO_CART",
    "addtocart": "ADDED_TO_CART",
    "fav": "FAVOURITED",
    "buy": "PURCHASED",
    "purchase": "PURCHASED",
    "transaction": "PURCHASED",
    "order": "PURCHASED",
    "like": "LIKED",
    "share": "SHARED",
    "play": "PLAYED",
    "listen": "LISTENED",
    "watch": "WATCHED",
    "rate": "RATED",
    "save": "SAVED",
}
PARTS: Final[dict[str, str]] = {
    "train": "train",
    "training": "train",
    "tr": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
    "te": "test",
}
PATTERNS: Final = (
    *("%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m %d, %Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y"),
    *("%d-%b-%Y", "%d-%m-%Y", "%Y%m%d", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%m/%d/%y"),
    *("%B %d, %Y.", "%a %b %d %H:%M:%S %z %Y", "%Y"),
)
SCALES: Final = ((1, 5), (0.5, 5), (0, 1), (0, 5), (1, 10), (0, 10), (-10, 10), (1, 100), (0, 100))
