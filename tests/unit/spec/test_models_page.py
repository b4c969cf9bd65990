"""`docs/reference/language.md` tells of the language as it is built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowrun.spec.models import STEP_KINDS, DefaultsModel, Workflow
from flowrun.spec.refusals import keys_of
from flowrun.steps.approval_model import ApprovalSpec
from flowrun.steps.inputs import InputModel
from flowrun.steps.model import BackoffModel, FanOutModel, NeedModel, OutputModel, RetryRuleModel
from flowrun.steps.wait_model import WaitSpec

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "language.md").read_text(encoding="utf-8")
MODELS = [Workflow, DefaultsModel, InputModel, *STEP_KINDS, BackoffModel, FanOutModel, NeedModel, OutputModel]
MODELS += [RetryRuleModel, ApprovalSpec, WaitSpec]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_on_it(model: type) -> None:
    code = " ".join(re.findall(r"`([^`\n]+)`", PAGE))
    assert [key for key in keys_of(model) if not re.search(rf"\b{key}\b", code)] == []
