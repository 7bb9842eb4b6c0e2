/** The door of forecasts: of plans, waves, accounts and restorations. */
export { basisText } from './forecast.ts';
export type { Basis, Forecast, ForecastKind } from './forecast.ts';
export { revise, startForecasting } from './keep.ts';
export type { Forecasting } from './keep.ts';
export { forecastOfAccount, forecastOfRestoration, forecastQuality, forecastsAtAQuarter, forecastsOf, revisionsOf } from './read.ts';
export type { ForecastQuality, Kept } from './read.ts';
