import type { VerifyReport } from './verify-ledger.ts'

/** More lines than this of one check are not read by anybody; the report itself keeps more. */
const LINES_PER_CHECK_MAX = 20

/** What `farebox ledger verify` prints: a line a check, the broken rows below theirs, totals, and the verdict last. */
export function formatVerifyReport(report: VerifyReport): string {
  const lines: string[] = []
  for (const { name, promise, findings } of report.checks) {
    if (findings === 0) {
      lines.push(`✓ ${promise}`)
      continue
    }
    lines.push(`✗ ${promise} (${name}): ${counted(findings, 'finding')}`)
    const shown = report.findings.filter((finding) => finding.check === name).slice(0, LINES_PER_CHECK_MAX)
    for (const { table, row, message } of shown) lines.push(`    ${table} ${row}: ${message}`)
    if (findings > shown.length) lines.push(`    and ${findings - shown.length} more`)
  }
  const { wallets, entries, lots, holds, usageEvents, budgets } = report.checked
  const totals = [
    counted(wallets, 'wallet'),
    counted(entries, 'entry', 'entries'),
    counted(lots, 'lot'),
    counted(holds, 'hold'),
    counted(usageEvents, 'usage event'),
    counted(budgets, 'budget'),
  ]
  lines.push('', `checked ${totals.join(', ')}`)
  lines.push(report.ok ? 'ledger is clean' : counted(report.findingsTotal, 'finding'))
  return lines.join('\n')
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
