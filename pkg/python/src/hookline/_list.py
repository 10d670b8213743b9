"""Lists that continue on further pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Generic, Iterator, Optional, TypeVar

if TYPE_CHECKING:
    from ._call import Caller

Page = TypeVar("Page")
Item = TypeVar("Item")


class List(Generic[Page, Item]):
    """A list. Iterating over it goes through all pages; ``page()`` is the first one alone. Nothing is fetched before."""

    def __init__(self, caller: Caller, path: str, *, query: Dict[str, Any], timeout: Optional[float]) -> None:
        self._caller = caller
        self._path = path
        self._query = query
        self._timeout = timeout

    def page(self) -> Page:
        """Fetch one page: ``data``, and ``meta`` with what follows."""
        return self._fetch(self._query)

    def pages(self) -> Iterator[Page]:
        """Fetch page after page."""
        query = dict(self._query)
        while True:
            page: Any = self._fetch(query)
            yield page
            meta = page["meta"]
            if "next_cursor" in meta:
                # An ordered pull has a cursor after its last entry, too: it is the same again.
                if meta["next_cursor"] in (None, query.get("cursor")):
                    return
                query["cursor"] = meta["next_cursor"]
            elif not page["data"] or meta["page"] * meta["per_page"] >= meta["total"]:
                return
            else:
                query["page"] = meta["page"] + 1

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            entries: Any = page
            yield from entries["data"]

    def _fetch(self, query: Dict[str, Any]) -> Any:
        return self._caller._request("GET", self._path, query=query, timeout=self._timeout)
