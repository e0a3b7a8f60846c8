from faq.models.articles import Article, Revision
from faq.models.questions import Question
from faq.models.topics import Topic

__all__ = ["Article", "Question", "Revision", "Topic"]
