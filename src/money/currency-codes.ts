/**
 * The currencies that people pay in, of those that an e-invoice may be in: the code list of EN 16931 (BR-CL-03 to BR-CL-05),
 * which is that of ISO 4217, without funds, metals, units of account and test codes. Not in it any more are ANG (now XCG), BGN
 * and HRK (EUR), CUC (CUP), SLL (SLE) and ZWL (ZWG); not yet STN. Written down, as what the runtime knows changes with its version.
 */
const CURRENCY_CODES: ReadonlySet<string> = new Set(
  (
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC ' +
    'CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ' +
    'ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK ' +
    'MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE ' +
    'SOS SRD SSP SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ' +
    'ZAR ZMW ZWG'
  ).split(' '),
)

/** Whether an invoice can be in this currency today. */
export function isCurrencyCode(text: string): boolean {
  return CURRENCY_CODES.has(text)
}
