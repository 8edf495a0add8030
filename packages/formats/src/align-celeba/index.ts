import type { FormatAdapter } from '@dsv/core'
import { formatReadOnly } from '../errors.ts'
import { type CelebaKind, detectCeleba, readCeleba } from '../shared/celeba.ts'
import { alignCelebaFormat } from './format.ts'

const KIND: CelebaKind = {
  images: 'img_align_celeba',
  landmarks: 'list_landmarks_align_celeba.txt',
  boxes: undefined,
}

/** Reads the lists of CelebA for aligned and cropped images. */
export const alignCelebaAdapter: FormatAdapter = {
  format: alignCelebaFormat,
  detect: async (folder) => detectCeleba(folder, KIND),
  read: async (folder, context) => readCeleba(folder, KIND, context),
  write: async () => {
    throw formatReadOnly(alignCelebaFormat.name)
  },
}
