from flowrun.core.plan import Step
from flowrun.steps.label import file_of, label


def test_a_step_is_labelled_by_what_it_starts_else_by_its_kind() -> None:
    assert label(Step("a", "job", {"release": "Post"})) == "Post"
    assert label(Step("a", "job", {"release": None, "release_key": "795cbab2"})) == "795cbab2"
    assert label(Step("a", "workflow", {"workflow": "in.yaml"})) == "in.yaml"
    assert label(Step("a", "wait", {"wait": {"for": 1}})) == "wait"


def test_only_a_step_that_runs_a_file_has_one() -> None:
    assert file_of(Step("a", "workflow", {"workflow": "in.yaml"})) == "in.yaml"
    assert file_of(Step("a", "job", {"release": "Post"})) == ""
