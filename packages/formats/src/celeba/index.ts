import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { type CelebaKind, detectCeleba, readCeleba } from '../shared/celeba.ts'
import { celebaFormat } from './format.ts'

const KIND: CelebaKind = {
  images: 'img_celeba',
  landmarks: 'list_landmarks_celeba.txt',
  boxes: 'list_bbox_celeba.txt',
}

/** Reads the lists of CelebA for images as they were found. */
export const celebaAdapter: FormatAdapter = {
  format: celebaFormat,
  detect: async (folder) => detectCeleba(folder, KIND),
  read: async (folder, context) => readCeleba(folder, KIND, context),
  write: async () => {
    throw formatReadOnly(celebaFormat.name)
  },
}
