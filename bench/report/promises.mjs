// The promises of the project, as figures. A ratio is the peer's median time divided by ours, measured
// in one run; the other limits are ours alone.
export const ratio = (shape, operation, peer, least) => ({
  type: 'ratio',
  shape,
  operation,
  peer,
  least,
})
export const most = (shape, operation, figure, limit) => ({
  type: 'most',
  shape,
  operation,
  figure,
  limit,
})
const MB = 1e6

export const PROMISES = [
  ratio('S100k', 'add + commit, first', 'dvc', 5),
  ratio('S100k', 'status, no change', 'dvc', 8),
  ratio('S100k', 'add + commit, 1 changed', 'dvc', 10),
  ratio('S100k', 'status, 1 changed', 'dvc', 8),
  ratio('S100k', 'diff, 1 %', 'dvc', 15),
  ratio('S100k', 'switch, 1 %', 'dvc', 8),
  ratio('S100k', 'checkout into an empty tree', 'dvc', 1.3),
  most('S100k', 'add + commit, 1 changed', 'writtenBytes', 0.2 * MB),
  most('S100k', '*', 'rssBytes', 250 * MB),
  most('M70k', 'store after the first commit', 'diskBytes', 30 * MB),
  most('B1', 'add + commit, 1 byte changed', 'wallSeconds', 25),
  most('B1', 'store grown by 1 byte', 'diskBytes', 8 * MB),
  ratio('K1', 'import (add + commit)', 'datumaro', 3),
  most('K1', 'import (add + commit)', 'rssBytes', 1000 * MB),
  ratio('K1', 'export as coco', 'datumaro', 3),
  ratio('K1', 'export as voc', 'datumaro', 6),
  most('K1', 'diff, 100 annotations changed', 'wallSeconds', 0.5),
  most('K1', 'merge, 1,000 edits on each side', 'wallSeconds', 2),
  ratio('E5k', 'evaluate boxes', 'pycocotools', 3),
  most('I1M', '*', 'rssBytes', 500 * MB),
]
