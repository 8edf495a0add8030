import { statisticsOf } from '@dsv/analysis'
import type { Json } from '@dsv/core'
import { datasetsOf } from './datasets-of.ts'
import { metricsPart } from './metrics-part.ts'
import type { PipelineStep } from './pipeline-step.ts'

/** Counts what there is in datasets, as `dsv stats --json` does. */
export const statisticsStep: PipelineStep = {
  name: 'statistics',
  summary: 'Count what there is in datasets, as JSON',
  inputs: 'many',
  options: {
    where: { type: 'string', describe: 'A query: only items that match it' },
    layers: { type: 'list', describe: 'The layers that are counted; ground_truth by default' },
  },
  makes: 'metrics',
  run: async ({ inputs, options, session, signal, onNote }) => {
    const { where, layers } = options
    const statistics = await statisticsOf(await datasetsOf(inputs), {
      ...(typeof where === 'string' && { where }),
      ...(Array.isArray(layers) && { layers: layers.map(String) }),
      signal,
      onWarning: (what) => onNote({ what, where: String(where) }),
    })
    // It is a plain value; its type says more than that.
    const value: Json = JSON.parse(JSON.stringify(statistics))
    return metricsPart(session, value)
  },
}
