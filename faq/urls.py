from django.urls import path, re_path, register_converter

from faq.models.questions import QuestionStatus
from faq.views import articles, board, drafts, library, manuscripts, pages, questions, search


class NumberConverter:
    """A question's number: digits that fit the column."""

    regex = "[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(NumberConverter, "number")
KEY = "(?P<key>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
STATES = "|".join(QuestionStatus.values)

app_name = "faq"
curation = [
    path("curate/", board.board, name="board"),
    re_path(rf"^curate/all/(?P<status>{STATES})/$", board.lane, name="lane"),
    path("curate/topics/new/", board.new_topic, name="new_topic"),
    path("curate/questions/<uuid:key>/", drafts.question, name="draft"),
    path("curate/questions/<uuid:key>/let-stand/", drafts.let_stand, name="draft_let_stand"),
    re_path(rf"^curate/questions/{KEY}/(?P<move>{'|'.join(drafts.STEPS)})/$", drafts.step, name="draft_step"),
    path("curate/articles/new/", manuscripts.new, name="new_article"),
    path("curate/articles/<uuid:key>/", manuscripts.article, name="manuscript"),
    path("curate/articles/<uuid:key>/let-stand/", manuscripts.let_stand, name="manuscript_let_stand"),
    re_path(
        rf"^curate/articles/{KEY}/(?P<move>{'|'.join(manuscripts.STEPS)})/$", manuscripts.step, name="manuscript_step"
    ),
]
urlpatterns = [
    *curation,
    path("", library.home, name="home"),
    path("search/", search.search, name="search"),
    path("departments/", library.departments, name="departments"),
    path("topics/", library.topics, name="topics"),
    path("topics/<slug:slug>/", library.topic, name="topic"),
    path("articles/<slug:slug>/", articles.article, name="article"),
    path("help-now/", pages.help_now, name="help_now"),
    path("how-answers-are-reviewed/", pages.reviewed, name="reviewed"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("feed.atom", pages.feed, name="feed"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
    path("sitemap/shelves.xml", pages.sitemap_shelves, name="sitemap_shelves"),
    path("sitemap/questions-<number:part>.xml", pages.sitemap_questions, name="sitemap_questions"),
    path("robots.txt", pages.robots, name="robots"),
    path("questions/<number:number>/helped/", questions.helped, name="helped"),
    # Last: any one word is looked up as a department.
    path("<slug:department>/<number:number>-<slug:slug>/", questions.question, name="question"),
    path("<slug:department>/", library.department, name="department"),
]
