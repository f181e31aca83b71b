"""The campaign keys of a message: what it shares with messages that are nearly the same."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from torwart.compiled import compiled
from torwart.entities import Message, TemplateRef
from torwart.features.hosts import domain_of, host_of
from torwart.features.rows import key_of

N_HASHES: Final = 6
"""MinHash values of a text; two make a band, three bands make three keys. Two texts whose word pairs overlap by a
share J (Jaccard) agree in at least one band with probability 1 - (1 - J²)³: 0.87 at J = 0.7, 0.02 at J = 0.1."""

_MULTIPLIERS: Final = np.array(
    [
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0xD6E8FEB86659FD93,
        0xA0761D6478BD642F,
        0xE7037ED1A0B428DB,
    ],
    dtype=np.uint64,
)


@compiled
def _mix(value: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64 (Steele et al. 2014): every input bit reaches every output bit."""
    mixed = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@compiled
def _text_keys(codes: NDArray[np.uint32], out: NDArray[np.uint64]) -> None:
    """MinHash bands over pairs of neighbouring words of the normalised text (digits all alike); zeros for no words."""
    least = np.full(N_HASHES, np.uint64(0xFFFFFFFFFFFFFFFF))
    word = np.uint64(0)
    previous = np.uint64(0)
    words = 0
    for index in range(codes.size + 1):
        code = codes[index] if index < codes.size else np.uint32(32)
        if code != np.uint32(32) and code != np.uint32(10):
            if np.uint32(48) <= code <= np.uint32(57):
                code = np.uint32(48)
                if index > 0 and np.uint32(48) <= codes[index - 1] <= np.uint32(57):
                    continue
            word = _mix(word ^ np.uint64(code)) + np.uint64(1)
            continue
        if word == np.uint64(0):
            continue
        words += 1
        shingle = _mix(word ^ (previous * np.uint64(3)))
        for hash_index in range(N_HASHES):
            value = _mix(shingle * _MULTIPLIERS[hash_index])
            least[hash_index] = min(least[hash_index], value)
        previous = word
        word = np.uint64(0)
    for band in range(out.size):
        key = np.uint64(0)
        if words > 0:
            key = _mix(least[2 * band] ^ _mix(least[2 * band + 1] + np.uint64(band)))
        out[band] = key


def campaign_keys(message: Message, codes: NDArray[np.uint32], sender_id: str) -> tuple[int, ...]:
    """Seven 64-bit keys, 0 where there is nothing to key on: three bands of the text (``codes`` from
    ``text.normalise``), the structure with the text's first band, the first link's registrable domain, the media,
    the sender's template.

    The structure alone would join strangers (everybody sends a text with one link), so its key carries a band; names
    of templates are the sender's own, so a template's key carries the sender.
    """
    bands = np.zeros(3, dtype=np.uint64)
    _text_keys(codes, bands)
    first, second, third = bands.tolist()
    structure = 0
    if message.buttons or message.media:
        labels = [button.type for button in message.buttons] + [medium.type for medium in message.media]
        structure = key_of("structure", message.type, str(first), *labels)
    link = key_of("link", domain_of(host_of(message.links[0])[0])) if message.links else 0
    hashes = [medium.hash for medium in message.media if medium.hash]
    media = key_of("media", *hashes) if hashes else 0
    return first, second, third, structure, link, media, _template_key(message.template, sender_id)


def _template_key(template: TemplateRef | None, sender_id: str) -> int:
    if template is None or not (template.id or template.name):
        return 0
    return key_of("template", sender_id, template.id, template.name, template.language)
