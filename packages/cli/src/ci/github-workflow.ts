import { REPORT_MARK } from '../views/ci-report.ts'
import type { CiSetup } from './ci-setup.ts'
import {
  bringScript,
  checkScript,
  commitScript,
  finishScript,
  giveScript,
  partScript,
} from './ci-scripts.ts'
import { workflowYaml, type WorkflowValue } from './workflow-yaml.ts'

/** What the user chose for a workflow. */
export interface WorkflowChoices {
  /** Shell commands that install dsv. */
  readonly install: string
  /** On how many machines stages run at once. */
  readonly jobs: number
  /** The branch of Git that is watched. */
  readonly branch: string
  /** Whether what was out of date on that branch is committed. */
  readonly isCommitted: boolean
}

/** Where GitHub looks for workflows. */
export const GITHUB_FILE = '.github/workflows/dsv.yml'

const IS_FORK =
  "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name != github.repository"

/** Returns a workflow for GitHub Actions. */
export function githubWorkflow(setup: CiSetup, choices: WorkflowChoices): string {
  const { install, jobs, branch, isCommitted } = choices
  const secrets = Object.fromEntries(setup.secrets.map((name) => [name, `\${{ secrets.${name} }}`]))
  const start: readonly WorkflowValue[] = [
    { name: 'Install dsv', run: install },
    { name: 'Bring the data', env: secrets, run: bringScript(setup) },
  ]
  const machine = { 'runs-on': 'ubuntu-latest', 'timeout-minutes': 360 }
  const workflow: WorkflowValue = {
    name: 'dsv',
    on: { pull_request: {}, push: { branches: [branchPattern(branch)] } },
    permissions: { contents: 'read' },
    concurrency: {
      group: 'dsv-${{ github.ref }}',
      'cancel-in-progress': "${{ github.event_name == 'pull_request' }}",
    },
    defaults: { run: { shell: 'bash' } },
    env: Object.fromEntries(
      Object.entries(setup.variables).map(([name, value]) => [name, literal(value)]),
    ),
    jobs: {
      fork: {
        name: 'Nothing runs for forks',
        if: `\${{ ${IS_FORK} }}`,
        permissions: {},
        'runs-on': 'ubuntu-latest',
        steps: [
          {
            run: [
              'text="This pull request comes from a fork, which gets no secrets, so no stage was run or checked. Whoever may write to this repository can push the branch here to have that done."',
              'echo "::warning title=dsv::$text"',
              'echo "$text" >> "$GITHUB_STEP_SUMMARY"',
            ].join('\n'),
          },
        ],
      },
      plan: {
        name: 'What is out of date',
        if: `\${{ !(${IS_FORK}) }}`,
        ...machine,
        outputs: { parts: '${{ steps.plan.outputs.parts }}' },
        steps: [
          ...checkout(false),
          ...start,
          {
            name: 'Share the work',
            id: 'plan',
            run: [
              'cd -- "$DSV_CI_FOLDER"',
              `parts="$(dsv ci plan --jobs ${jobs})"`,
              'echo "parts=$parts" >> "$GITHUB_OUTPUT"',
            ].join('\n'),
          },
        ],
      },
      stages: {
        name: 'Stages, part ${{ matrix.part }}',
        needs: 'plan',
        if: "${{ needs.plan.outputs.parts != '[]' }}",
        ...machine,
        strategy: {
          'fail-fast': false,
          matrix: { part: '${{ fromJSON(needs.plan.outputs.parts) }}' },
        },
        steps: [
          ...checkout(false),
          ...start,
          {
            name: 'Run the stages',
            env: { DSV_CI_PART: '${{ matrix.part }}' },
            run: partScript('"$DSV_CI_PART"'),
          },
          {
            name: 'Give the other jobs what was made',
            if: '${{ !cancelled() }}',
            env: secrets,
            run: giveScript(),
          },
        ],
      },
      report: {
        name: 'Report',
        needs: ['plan', 'stages'],
        if: "${{ !cancelled() && needs.plan.result == 'success' }}",
        ...machine,
        permissions: {
          contents: isCommitted ? 'write' : 'read',
          'pull-requests': 'write',
        },
        steps: [
          ...checkout(isCommitted),
          ...start,
          {
            name: 'Put together what was made',
            env: {
              DSV_CI_MADE: '${{ needs.stages.result }}',
              DSV_CI_BASE: '${{ github.event.pull_request.base.sha || github.event.before }}',
            },
            run: ['report="$RUNNER_TEMP/dsv-report.md"', finishScript()].join('\n'),
          },
          {
            name: 'Show the report',
            if: '${{ !cancelled() }}',
            run: [
              'report="$RUNNER_TEMP/dsv-report.md"',
              'if [ -s "$report" ]; then cat "$report" >> "$GITHUB_STEP_SUMMARY"; fi',
            ].join('\n'),
          },
          {
            name: 'Comment on the pull request',
            if: "${{ !cancelled() && github.event_name == 'pull_request' }}",
            env: {
              GH_TOKEN: '${{ github.token }}',
              DSV_CI_PULL_REQUEST: '${{ github.event.pull_request.number }}',
            },
            run: commentScript(),
          },
          {
            name: isCommitted ? 'Commit what was made' : 'Compare with what is committed',
            if: "${{ github.event_name == 'push' }}",
            ...(isCommitted && {
              env: {
                ...secrets,
                DSV_AUTHOR_NAME: 'dsv',
                DSV_AUTHOR_EMAIL: 'dsv@localhost',
                DSV_CI_BRANCH: '${{ github.ref_name }}',
              },
            }),
            run: isCommitted
              ? commitScript('git push -q origin "HEAD:refs/heads/$DSV_CI_BRANCH"')
              : checkScript(),
          },
        ],
      },
    },
  }
  return `# Written by \`dsv ci github\`, which writes it anew with --force.${workflowYaml(workflow)}`
}

/** Text that has no meaning for GitHub but itself. */
function literal(text: string): string {
  return text.replaceAll('${{', "${{ '${{' }}")
}

/** A name of a branch as a pattern that only it matches. */
function branchPattern(branch: string): string {
  return branch.replaceAll(/[*?+[\]!\\]/gu, String.raw`\$&`)
}

function checkout(isPushed: boolean): readonly WorkflowValue[] {
  return [
    { uses: 'actions/checkout@v4', with: { 'fetch-depth': 0, 'persist-credentials': isPushed } },
    { uses: 'actions/setup-node@v4', with: { 'node-version': '22' } },
  ]
}

/** Only a comment of a machine that begins as reports do is replaced: other jobs comment too, and so do strangers. */
function commentScript(): string {
  return [
    'report="$RUNNER_TEMP/dsv-report.md"',
    'if [ ! -s "$report" ]; then exit 0; fi',
    'comments="repos/$GITHUB_REPOSITORY/issues/$DSV_CI_PULL_REQUEST/comments"',
    `mine='.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("${REPORT_MARK}"))) | .id'`,
    'id="$(gh api --paginate "$comments?per_page=100" --jq "$mine" | head -n 1)"',
    'if [ -n "$id" ]; then',
    '  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$report"',
    'else',
    '  gh api --silent --method POST "$comments" -F "body=@$report"',
    'fi',
  ].join('\n')
}
