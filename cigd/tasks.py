"""Background work on the payments: ids in, never objects; each may run twice."""

import logging

from celery import shared_task
from celery.signals import worker_ready
from django.db import transaction

from cigd import certification, draws, moves
from cigd.models import Estrazione, Lotto, Spostamento

log = logging.getLogger(__name__)


@shared_task
def count_batch(batch_id: int) -> None:
    """Count what enters a certification batch; one that is past it is left alone."""
    certification.count(batch_id)


@shared_task
def certify_batch(batch_id: int) -> None:
    """Certify a batch that somebody has decided on; may run twice."""
    certification.certify(batch_id)


@shared_task
def move_excess(move_id: int) -> None:
    """Carry out a move that somebody has decided on; may run twice."""
    moves.carry_out(move_id)


@shared_task
def count_population(draw_id: int) -> None:
    """Count the population of a sample that somebody wants to draw; may run twice."""
    draws.count(draw_id)


@shared_task
def draw_sample(draw_id: int) -> None:
    """Draw a sample that somebody has decided on; may run twice."""
    draws.draw(draw_id)


@shared_task
def resume_batches() -> None:
    """Take up what a killed process left; what another process has is left to it."""
    for batch in Lotto.objects.in_progress():
        log.warning("lotto %s: ripreso da «%s»", batch.pk, batch.get_stato_display())
        queue(batch)
    for move in Spostamento.objects.filter(eseguito_il=None):
        log.warning("spostamento %s: ripreso", move.pk)
        queue_move(move)
    for made in Estrazione.objects.in_progress():
        log.warning("estrazione %s: ripresa da «%s»", made.pk, made.get_stato_display())
        queue_draw(made)


def queue(batch: Lotto) -> None:
    """Give a batch to a worker once the transaction has ended."""
    work = certify_batch if batch.stato == Lotto.Stato.IN_CERTIFICAZIONE else count_batch
    transaction.on_commit(lambda: work.delay(batch.pk))


def queue_move(move: Spostamento) -> None:
    """Give a move to a worker once the transaction has ended."""
    transaction.on_commit(lambda: move_excess.delay(move.pk))


def queue_draw(made: Estrazione) -> None:
    """Give a sample to be counted, or drawn, to a worker once the transaction has ended."""
    drawing = made.stato == Estrazione.Stato.IN_ESTRAZIONE
    work = draw_sample if drawing else count_population
    transaction.on_commit(lambda: work.delay(made.pk))


@worker_ready.connect
def _take_up(**_: object) -> None:
    resume_batches.delay()
