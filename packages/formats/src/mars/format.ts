import type { Format } from '@dsv/core'

/** MARS: tracks of people by several cameras. It is only read. */
export const marsFormat: Format = {
  name: 'mars',
  title: 'MARS (Motion Analysis and Re-identification Set)',
  source: new URL('https://zheng-lab-anu.github.io/Project/project_mars.html'),
  holds: new Set(['label']),
  canWrite: false,
  variants: [],
}
