import { evaluate, evaluatorOf } from '@dsv/analysis'
import type { Repository } from '@dsv/core'
import type { CommandIo } from '../io.ts'
import { curvesJson, evaluationJson } from '../views/evaluation-json.ts'
import { evaluationLines } from '../views/evaluation-lines.ts'
import { evaluationPage } from '../views/evaluation-page.ts'
import { jsonText } from '../views/json-text.ts'
import { matchJson, matchLine } from '../views/match-lines.ts'
import type { EvalOptions } from './eval-options.ts'
import { openEvaluation } from './open-evaluation.ts'
import { pageFile, writePage } from '../write-page.ts'
import { writeReport } from '../write-report.ts'

/** By which a file of curves is known as ours. */
const CURVES_MARK = { dsv: 'eval curves' }

/** Evaluates one version, and prints what it comes to. */
export async function evaluateVersion(
  repository: Repository,
  io: CommandIo,
  at: string,
  options: EvalOptions,
): Promise<void> {
  const page = options.html === undefined ? undefined : pageFile(options.html, io)
  const opened = await openEvaluation(repository, io, at, options)
  const { categories } = opened.dataset.view.schema
  if (options.matches) {
    const evaluator = evaluatorOf(opened.options)
    for await (const item of opened.items())
      for (const match of evaluator.matches(item))
        io.out(
          options.json
            ? jsonText(matchJson(item, match))
            : `${matchLine(item, match, categories)}\n`,
        )
    opened.noteLosses()
    return
  }
  const report = await evaluate(opened.items(), { ...opened.options, parts: opened.parts })
  opened.noteLosses()
  const about = { dataset: opened.dataset.path, predictions: opened.predictions, at, categories }
  if (options.curves !== undefined) {
    const text = jsonText({ ...CURVES_MARK, ...curvesJson(report, about) })
    await writeReport(io, options.curves, text, jsonText(CURVES_MARK).trim().slice(1, -1))
  }
  if (page !== undefined) await writePage(page, evaluationPage(report, about))
  if (options.json) io.out(jsonText(evaluationJson(report, about)))
  else for (const line of evaluationLines(report, about, options.confusion)) io.out(`${line}\n`)
}
