from faq.models.articles import Article, Revision
from faq.models.feedback import Feedback
from faq.models.questions import Question
from faq.models.search import SearchMiss, Word
from faq.models.topics import Topic

__all__ = ["Article", "Feedback", "Question", "Revision", "SearchMiss", "Topic", "Word"]
