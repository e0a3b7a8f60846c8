from django.urls import path, register_converter

from faq.views import articles, library, pages, questions, search


class NumberConverter:
    """A question's number: digits that fit the column."""

    regex = "[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(NumberConverter, "number")

app_name = "faq"
urlpatterns = [
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
