"""``rostro eval``: how good models are."""

from __future__ import annotations

import click

from rostro.cli.eval_identify import identify_command
from rostro.cli.eval_landmarks import landmarks_command
from rostro.cli.eval_liveness import liveness_command
from rostro.cli.eval_pairs import pairs
from rostro.cli.eval_pose import pose_command
from rostro.cli.eval_quality import quality_command
from rostro.cli.eval_unrecognizable import unrecognizable_command
from rostro.cli.eval_wider import wider


@click.group()
def eval() -> None:
    """Measure how good models are."""


eval.add_command(identify_command)
eval.add_command(landmarks_command)
eval.add_command(liveness_command)
eval.add_command(pairs)
eval.add_command(pose_command)
eval.add_command(quality_command)
eval.add_command(unrecognizable_command)
eval.add_command(wider)
