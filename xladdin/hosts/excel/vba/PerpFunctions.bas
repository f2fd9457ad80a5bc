Attribute VB_Name = "PerpFunctions"
Option Explicit

' Generated from the catalogue by `perpdesk build`; do not edit by hand.

Public Function PERP_RETURNS(prices As Variant, Optional funding As Variant, Optional kind As Variant, Optional side As Variant) As Variant
    PERP_RETURNS = PerpAnswer("PERP_RETURNS", prices, funding, kind, side)
End Function

Public Function PERP_FUNDING_ANNUAL(rates As Variant, Optional settlements_per_day As Variant, Optional compound As Variant) As Variant
    PERP_FUNDING_ANNUAL = PerpAnswer("PERP_FUNDING_ANNUAL", rates, settlements_per_day, compound)
End Function

Public Function PERP_FUNDING_FORECAST(rates As Variant, Optional horizon As Variant, Optional halflife As Variant) As Variant
    PERP_FUNDING_FORECAST = PerpAnswer("PERP_FUNDING_FORECAST", rates, horizon, halflife)
End Function

Public Function PERP_RESAMPLE(times As Variant, values As Variant, interval As Variant, Optional how As Variant) As Variant
    PERP_RESAMPLE = PerpAnswer("PERP_RESAMPLE", times, values, interval, how)
End Function

Public Function PERP_BETA(asset_returns As Variant, market_returns As Variant, Optional method As Variant, Optional halflife As Variant) As Variant
    PERP_BETA = PerpAnswer("PERP_BETA", asset_returns, market_returns, method, halflife)
End Function

Public Function PERP_BETA_ROLLING(asset_returns As Variant, market_returns As Variant, window As Variant, Optional min_periods As Variant) As Variant
    PERP_BETA_ROLLING = PerpAnswer("PERP_BETA_ROLLING", asset_returns, market_returns, window, min_periods)
End Function

Public Function PERP_BETA_KALMAN(asset_returns As Variant, market_returns As Variant, Optional signal_to_noise As Variant, Optional bands As Variant) As Variant
    PERP_BETA_KALMAN = PerpAnswer("PERP_BETA_KALMAN", asset_returns, market_returns, signal_to_noise, bands)
End Function

Public Function PERP_BETA_FACTORS(asset_returns As Variant, factor_returns As Variant, Optional halflife As Variant) As Variant
    PERP_BETA_FACTORS = PerpAnswer("PERP_BETA_FACTORS", asset_returns, factor_returns, halflife)
End Function

Public Function PERP_BETA_PORTFOLIO(weights As Variant, betas As Variant) As Variant
    PERP_BETA_PORTFOLIO = PerpAnswer("PERP_BETA_PORTFOLIO", weights, betas)
End Function

Public Function PERP_BETA_FORECAST(asset_returns As Variant, market_returns As Variant, Optional horizon As Variant, Optional seed As Variant) As Variant
    PERP_BETA_FORECAST = PerpAnswer("PERP_BETA_FORECAST", asset_returns, market_returns, horizon, seed)
End Function

Public Function PERP_CAPM_RETURN(beta As Variant, risk_free As Variant, market_return As Variant) As Variant
    PERP_CAPM_RETURN = PerpAnswer("PERP_CAPM_RETURN", beta, risk_free, market_return)
End Function

Public Function PERP_CAPM(asset_returns As Variant, market_returns As Variant, Optional risk_free As Variant, Optional periods_per_year As Variant, Optional intercept As Variant, Optional standard_errors As Variant) As Variant
    PERP_CAPM = PerpAnswer("PERP_CAPM", asset_returns, market_returns, risk_free, periods_per_year, intercept, standard_errors)
End Function

Public Function PERP_CAPM_PREMIUM(expected_return As Variant, beta As Variant, risk_free As Variant, market_return As Variant, Optional volatility As Variant, Optional sharpe_hurdle As Variant) As Variant
    PERP_CAPM_PREMIUM = PerpAnswer("PERP_CAPM_PREMIUM", expected_return, beta, risk_free, market_return, volatility, sharpe_hurdle)
End Function

Public Function PERP_VOL(returns As Variant, Optional method As Variant, Optional periods_per_year As Variant, Optional halflife As Variant) As Variant
    PERP_VOL = PerpAnswer("PERP_VOL", returns, method, periods_per_year, halflife)
End Function

Public Function PERP_GARCH(returns As Variant, Optional horizon As Variant, Optional periods_per_year As Variant) As Variant
    PERP_GARCH = PerpAnswer("PERP_GARCH", returns, horizon, periods_per_year)
End Function

Public Function PERP_ATR(high As Variant, low As Variant, close_ As Variant, Optional period As Variant) As Variant
    PERP_ATR = PerpAnswer("PERP_ATR", high, low, close_, period)
End Function

Public Function PERP_VRP(implied_vol As Variant, returns As Variant, Optional periods_per_year As Variant, Optional funding As Variant) As Variant
    PERP_VRP = PerpAnswer("PERP_VRP", implied_vol, returns, periods_per_year, funding)
End Function

Public Function PERP_REGIME(returns As Variant, Optional min_size As Variant, Optional penalty As Variant) As Variant
    PERP_REGIME = PerpAnswer("PERP_REGIME", returns, min_size, penalty)
End Function

Public Function PERP_LEVERAGE(volatility As Variant, target_volatility As Variant, Optional max_leverage As Variant) As Variant
    PERP_LEVERAGE = PerpAnswer("PERP_LEVERAGE", volatility, target_volatility, max_leverage)
End Function

Public Function PERP_SIZE_VOL(equity As Variant, price As Variant, volatility As Variant, target_volatility As Variant, Optional max_leverage As Variant, Optional lot_size As Variant) As Variant
    PERP_SIZE_VOL = PerpAnswer("PERP_SIZE_VOL", equity, price, volatility, target_volatility, max_leverage, lot_size)
End Function

Public Function PERP_SIZE_ATR(equity As Variant, price As Variant, atr As Variant, risk_fraction As Variant, Optional atr_multiple As Variant, Optional max_leverage As Variant, Optional lot_size As Variant) As Variant
    PERP_SIZE_ATR = PerpAnswer("PERP_SIZE_ATR", equity, price, atr, risk_fraction, atr_multiple, max_leverage, lot_size)
End Function

Public Function PERP_LIQUIDATION(quantity As Variant, entry_price As Variant, collateral As Variant, maintenance_rate As Variant, Optional maintenance_amount As Variant, Optional taker_fee As Variant, Optional contract As Variant, Optional style As Variant, Optional tiers As Variant) As Variant
    PERP_LIQUIDATION = PerpAnswer("PERP_LIQUIDATION", quantity, entry_price, collateral, maintenance_rate, maintenance_amount, taker_fee, contract, style, tiers)
End Function

Public Function PERP_LIQUIDATION_CROSS(quantities As Variant, entry_prices As Variant, mark_prices As Variant, wallet_balance As Variant, maintenance_rates As Variant, Optional maintenance_amounts As Variant, Optional underlyings As Variant) As Variant
    PERP_LIQUIDATION_CROSS = PerpAnswer("PERP_LIQUIDATION_CROSS", quantities, entry_prices, mark_prices, wallet_balance, maintenance_rates, maintenance_amounts, underlyings)
End Function

Public Function PERP_TIER(notional As Variant, tiers As Variant) As Variant
    PERP_TIER = PerpAnswer("PERP_TIER", notional, tiers)
End Function

Public Function PERP_MARGIN(quantities As Variant, mark_prices As Variant, equity As Variant, Optional maintenance_rates As Variant, Optional max_leverage As Variant) As Variant
    PERP_MARGIN = PerpAnswer("PERP_MARGIN", quantities, mark_prices, equity, maintenance_rates, max_leverage)
End Function

Public Function PERP_COV(returns As Variant, Optional method As Variant, Optional periods_per_year As Variant, Optional halflife As Variant, Optional market_returns As Variant, Optional gaps As Variant) As Variant
    PERP_COV = PerpAnswer("PERP_COV", returns, method, periods_per_year, halflife, market_returns, gaps)
End Function

Public Function PERP_OPTIMIZE(expected_returns As Variant, covariance As Variant, Optional objective As Variant, Optional limits As Variant, Optional returns As Variant) As Variant
    PERP_OPTIMIZE = PerpAnswer("PERP_OPTIMIZE", expected_returns, covariance, objective, limits, returns)
End Function

Public Function PERP_FRONTIER(expected_returns As Variant, covariance As Variant, Optional points As Variant, Optional limits As Variant) As Variant
    PERP_FRONTIER = PerpAnswer("PERP_FRONTIER", expected_returns, covariance, points, limits)
End Function

Public Function PERP_RISK_CONTRIBUTION(weights As Variant, covariance As Variant) As Variant
    PERP_RISK_CONTRIBUTION = PerpAnswer("PERP_RISK_CONTRIBUTION", weights, covariance)
End Function

Public Function PERP_OVERLAY(baseline_weights As Variant, scores As Variant, Optional cap As Variant, Optional limits As Variant) As Variant
    PERP_OVERLAY = PerpAnswer("PERP_OVERLAY", baseline_weights, scores, cap, limits)
End Function

Public Function PERP_VAR(weights As Variant, returns As Variant, Optional level As Variant, Optional method As Variant, Optional horizon As Variant) As Variant
    PERP_VAR = PerpAnswer("PERP_VAR", weights, returns, level, method, horizon)
End Function

Public Function PERP_TILT(expected_returns As Variant, vrp As Variant, Optional coefficient As Variant) As Variant
    PERP_TILT = PerpAnswer("PERP_TILT", expected_returns, vrp, coefficient)
End Function

Public Function PERP_HEDGE(notionals As Variant, betas As Variant, target_beta As Variant, hedge_betas As Variant, Optional capital As Variant, Optional prices As Variant, Optional lot_sizes As Variant, Optional cost_bps As Variant, Optional hedge_notionals As Variant) As Variant
    PERP_HEDGE = PerpAnswer("PERP_HEDGE", notionals, betas, target_beta, hedge_betas, capital, prices, lot_sizes, cost_bps, hedge_notionals)
End Function

Public Function PERP_HEDGE_FACTORS(notionals As Variant, loadings As Variant, hedge_loadings As Variant, Optional targets As Variant, Optional capital As Variant) As Variant
    PERP_HEDGE_FACTORS = PerpAnswer("PERP_HEDGE_FACTORS", notionals, loadings, hedge_loadings, targets, capital)
End Function

Public Function PERP_HEDGE_BAND(beta_now As Variant, target_beta As Variant, band As Variant) As Variant
    PERP_HEDGE_BAND = PerpAnswer("PERP_HEDGE_BAND", beta_now, target_beta, band)
End Function

Public Function PERP_STRESS(quantities As Variant, prices As Variant, betas As Variant, equity As Variant, market_shocks As Variant, Optional maintenance_rates As Variant, Optional funding_shock As Variant, Optional beta_shift As Variant, Optional idiosyncratic As Variant) As Variant
    PERP_STRESS = PerpAnswer("PERP_STRESS", quantities, prices, betas, equity, market_shocks, maintenance_rates, funding_shock, beta_shift, idiosyncratic)
End Function

Public Function PERP_STRESS_REVERSE(quantities As Variant, prices As Variant, betas As Variant, equity As Variant, Optional maintenance_rates As Variant) As Variant
    PERP_STRESS_REVERSE = PerpAnswer("PERP_STRESS_REVERSE", quantities, prices, betas, equity, maintenance_rates)
End Function

Public Function PERP_STRESS_HISTORY(quantities As Variant, prices As Variant, equity As Variant, price_history As Variant, Optional horizon As Variant, Optional worst As Variant, Optional maintenance_rates As Variant) As Variant
    PERP_STRESS_HISTORY = PerpAnswer("PERP_STRESS_HISTORY", quantities, prices, equity, price_history, horizon, worst, maintenance_rates)
End Function

Public Function PERP_STRESS_MONTE_CARLO(quantities As Variant, prices As Variant, equity As Variant, returns As Variant, Optional scenarios As Variant, Optional horizon As Variant, Optional seed As Variant, Optional maintenance_rates As Variant) As Variant
    PERP_STRESS_MONTE_CARLO = PerpAnswer("PERP_STRESS_MONTE_CARLO", quantities, prices, equity, returns, scenarios, horizon, seed, maintenance_rates)
End Function

Public Function PERP_SHARPE(returns As Variant, Optional risk_free As Variant, Optional periods_per_year As Variant) As Variant
    PERP_SHARPE = PerpAnswer("PERP_SHARPE", returns, risk_free, periods_per_year)
End Function

Public Function PERP_DRAWDOWN(returns As Variant) As Variant
    PERP_DRAWDOWN = PerpAnswer("PERP_DRAWDOWN", returns)
End Function

Public Function PERP_ATTRIBUTION(portfolio_returns As Variant, market_returns As Variant, Optional funding As Variant, Optional costs As Variant, Optional risk_free As Variant, Optional periods_per_year As Variant) As Variant
    PERP_ATTRIBUTION = PerpAnswer("PERP_ATTRIBUTION", portfolio_returns, market_returns, funding, costs, risk_free, periods_per_year)
End Function

Public Function PERP_BACKTEST(prices As Variant, Optional funding As Variant, Optional policy As Variant, Optional window As Variant, Optional rebalance As Variant, Optional cost_bps As Variant, Optional limits As Variant, Optional market As Variant, Optional periods_per_year As Variant) As Variant
    PERP_BACKTEST = PerpAnswer("PERP_BACKTEST", prices, funding, policy, window, rebalance, cost_bps, limits, market, periods_per_year)
End Function

Public Function PERP_BACKTEST_PATH(prices As Variant, Optional funding As Variant, Optional policy As Variant, Optional window As Variant, Optional rebalance As Variant, Optional cost_bps As Variant, Optional limits As Variant, Optional market As Variant, Optional periods_per_year As Variant) As Variant
    PERP_BACKTEST_PATH = PerpAnswer("PERP_BACKTEST_PATH", prices, funding, policy, window, rebalance, cost_bps, limits, market, periods_per_year)
End Function

Public Function PERP_WHY(Optional cell As Variant) As Variant
    PERP_WHY = PerpAnswer("PERP_WHY", PerpAddress(cell))
End Function

Public Function PERP_VERSION() As Variant
    PERP_VERSION = PerpAnswer("PERP_VERSION")
End Function

Public Sub PerpDescribeFunctions()
    DescribePerpReturns
    DescribePerpBeta
    DescribePerpCAPM
    DescribePerpVolatility
    DescribePerpSizing
    DescribePerpMargin
    DescribePerpPortfolio
    DescribePerpHedge
    DescribePerpStress
    DescribePerpPerformance
    DescribePerpHelp
End Sub

Private Sub DescribePerpReturns()
    PerpDescribe "PERP_RETURNS", "Total returns of perpetuals, net of the funding paid, one row fewer than the prices.", "Perp Returns", _
        Array("Prices, T x N, oldest first, one contract a column.", _
              "Funding rates settled in the bar that ends at each row, T x N; blank where none settled.", _
              "simple or log.", _
              "long or short; a short earns the negative of the long simple return.")
    PerpDescribe "PERP_FUNDING_ANNUAL", "Annualised mean funding rate of each contract; above zero, longs pay shorts.", "Perp Returns", _
        Array("Funding rates, one settlement a row, one contract a column; blanks are left out.", _
              "Settlements a day: 3 for every 8 hours.", _
              "TRUE compounds the mean rate over the year.")
    PerpDescribe "PERP_FUNDING_FORECAST", "Funding expected over the next settlements, summed: the rate returns to its recent level.", "Perp Returns", _
        Array("Funding rates, one settlement a row, one contract a column; blanks are left out.", _
              "Settlements to come, whose rates are summed.", _
              "Settlements after which one counts half in the level.")
    PerpDescribe "PERP_RESAMPLE", "Values brought to longer bars: the times of their closes, then the values, without header.", "Perp Returns", _
        Array("Dates and times (UTC) of the rows: closes of bars or settlements, oldest first.", _
              "Values over the same rows, T x N; blanks are left out.", _
              "Length of the new bars: minutes, hours or days, such as 15m, 8h or 1d.", _
              "last, sum, mean or ohlc (open, high, low, close of each column).")
End Sub

Private Sub DescribePerpBeta()
    PerpDescribe "PERP_BETA", "Beta of each contract against the market.", "Perp Beta", _
        Array("Returns of the contracts, T x N, one contract a column.", _
              "Returns of the market over the same rows, T x 1.", _
              "ols, ewma, downside (market < 0), upside, shrunk (Vasicek), kalman (latest state) or huber.", _
              "Rows after which a row counts half, for ewma.")
    PerpDescribe "PERP_BETA_ROLLING", "Beta of each contract over a sliding window, row by row; #N/A in the warm-up.", "Perp Beta", _
        Array("Returns of the contracts, T x N, one contract a column.", _
              "Returns of the market over the same rows, T x 1.", _
              "Rows that each beta looks back over.", _
              "Complete rows that a window needs; blank = all of them.")
    PerpDescribe "PERP_BETA_KALMAN", "Beta that walks at random, filtered row by row (Kalman), with 95 % bands if asked.", "Perp Beta", _
        Array("Returns of the contracts, T x N, one contract a column.", _
              "Returns of the market over the same rows, T x 1.", _
              "Share of noise variance that the true line moves a row; blank = most likely.", _
              "TRUE gives beta, lower and upper end (95 %) of one contract.")
    PerpDescribe "PERP_BETA_FACTORS", "Betas of each contract on several factors: alpha, betas, t statistics, fit and what is left, per row.", "Perp Beta", _
        Array("Returns of the contracts, T x N, one contract a column.", _
              "Returns of the factors over the same rows, T x K, one factor a column.", _
              "Rows after which a row counts half; blank = all rows count alike.")
    PerpDescribe "PERP_BETA_PORTFOLIO", "Beta of a portfolio: the sum of weight x beta.", "Perp Beta", _
        Array("Weights, notional / equity, one a contract; negative = short.", _
              "Betas, one a contract.")
    PerpDescribe "PERP_BETA_FORECAST", "Learned forecast of beta; second row: its out-of-sample R2 against the last rolling beta. Takes seconds.", "Perp Beta", _
        Array("Returns of the contracts, T x N; 120 horizons of rows are needed.", _
              "Returns of the market over the same rows, T x 1.", _
              "Rows ahead over which beta is forecast.", _
              "Seed of chance; the same seed gives the same figures.")
End Sub

Private Sub DescribePerpCAPM()
    PerpDescribe "PERP_CAPM_RETURN", "Expected return by the CAPM: risk_free + beta x (market_return - risk_free).", "Perp CAPM", _
        Array("Beta, one or several.", _
              "Risk-free rate a year, one for all or one each.", _
              "Expected market return a year, one for all or one each.")
    PerpDescribe "PERP_CAPM", "CAPM regression of each contract: beta, alpha, errors, fit, expected and realised return.", "Perp CAPM", _
        Array("Returns of the contracts, T x N, one contract a column.", _
              "Returns of the market over the same rows, T x 1.", _
              "Risk-free rate a year: one number, or one a row.", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.", _
              "FALSE regresses through the origin: no alpha.", _
              "classical, or newey_west for residuals that hang together.")
    PerpDescribe "PERP_CAPM_PREMIUM", "Does the premium pay for the risk: required return, excess over it, Sharpe ratio, and 1 or 0.", "Perp CAPM", _
        Array("Expected return a year, net of funding, one a contract.", _
              "Beta, one a contract.", _
              "Risk-free rate a year, one for all or one each.", _
              "Expected market return a year, one for all or one each.", _
              "Annualised volatility; blank = no Sharpe ratio.", _
              "Sharpe ratio to reach, one for all or one each.")
End Sub

Private Sub DescribePerpVolatility()
    PerpDescribe "PERP_VOL", "Annualised volatility of each contract.", "Perp Volatility", _
        Array("Returns, T x N, one contract a column; blanks are left out.", _
              "sample, ewma (younger rows count more) or garch (of the next bar).", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.", _
              "Rows after which a row counts half, for ewma.")
    PerpDescribe "PERP_GARCH", "GARCH(1,1) of each contract: parameters, standard errors, volatility now, over a horizon, long run.", "Perp Volatility", _
        Array("Returns, T x N, one contract a column; at least 50 rows.", _
              "Bars ahead over which volatility_horizon is taken.", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.")
    PerpDescribe "PERP_ATR", "Wilder's average true range after each bar, in units of the price.", "Perp Volatility", _
        Array("Highs of the bars, T x 1, oldest first.", _
              "Lows of the same bars.", _
              "Closes of the same bars.", _
              "Bars of the average; the ones before it is complete show #N/A.")
    PerpDescribe "PERP_VRP", "Variance risk premium of each contract: implied variance less realised variance, a year.", "Perp Volatility", _
        Array("Implied volatilities a year, decimals: 0.6 = 60 %.", _
              "Returns, T x N, one contract a column; blanks are left out.", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.", _
              "Funding rates settled in each bar, T x N; then returns are taken net of it.")
    PerpDescribe "PERP_REGIME", "Volatility regimes: their rows and volatility per bar; the last row is the current one.", "Perp Volatility", _
        Array("Returns of one contract, T x 1; blanks are left out.", _
              "Fewest rows of a regime.", _
              "Price of a change in log-likelihood x 2; blank = modified BIC, dearer for fat tails.")
End Sub

Private Sub DescribePerpSizing()
    PerpDescribe "PERP_LEVERAGE", "Leverage that brings volatility to its target: target / volatility, at most max_leverage.", "Perp Sizing", _
        Array("Annualised volatility, one or several.", _
              "Annualised volatility to hold, one for all or one each.", _
              "Largest leverage allowed.")
    PerpDescribe "PERP_SIZE_VOL", "Contracts that hold the target volatility, rounded toward zero to whole lots.", "Perp Sizing", _
        Array("Equity for the position, in quote currency.", _
              "Price of one contract, one or several.", _
              "Annualised volatility of each contract.", _
              "Annualised volatility to hold, one for all or one each.", _
              "Largest leverage allowed.", _
              "Smallest step of a position in contracts; 0 = none.")
    PerpDescribe "PERP_SIZE_ATR", "Contracts that lose risk_fraction of equity in a move of atr_multiple x ATR, rounded toward zero to lots.", "Perp Sizing", _
        Array("Equity for the position, in quote currency.", _
              "Price of one contract, one or several.", _
              "Average true range of each contract, from PERP_ATR.", _
              "Share of equity that the move may lose: 0.01 = 1 %.", _
              "Average true ranges in the move.", _
              "Largest leverage allowed.", _
              "Smallest step of a position in contracts; 0 = none.")
End Sub

Private Sub DescribePerpMargin()
    PerpDescribe "PERP_LIQUIDATION", "Price at which an isolated position is liquidated, by the rule of the venue.", "Perp Margin", _
        Array("Position in coins (linear) or in quote value (inverse); positive = long.", _
              "Average price at which the position was opened.", _
              "Wallet balance or margin posted; in coin for an inverse contract.", _
              "Maintenance margin as a share of value: 0.01 = 1 %.", _
              "Amount off the maintenance margin (tier).", _
              "Fee rate to close; counts in style rate_and_fee.", _
              "linear or inverse (margined in the coin).", _
              "amount (Binance), rate_and_fee (OKX, Gate) or initial_less_maintenance (Bybit).", _
              "Tiers as in PERP_TIER: the one met on the way counts, in place of rate and amount.")
    PerpDescribe "PERP_LIQUIDATION_CROSS", "Price of each contract, others at their mark, at which a cross account is liquidated; #N/A where none does.", "Perp Margin", _
        Array("Positions in coins; positive = long.", _
              "Average entry prices, one a contract.", _
              "Mark prices, one a contract.", _
              "Cash of the account, without unrealised profit.", _
              "Maintenance margin as a share of notional.", _
              "Amounts off the maintenance margin (tiers).", _
              "Coins, texts or numbers: contracts of one coin have one price. Blank = each its own.")
    PerpDescribe "PERP_TIER", "Maintenance rate, maintenance amount and largest leverage of the margin tier that holds a notional.", "Perp Margin", _
        Array("Value of the position, one or several.", _
              "Columns min_notional, max_notional, rate, amount (or blank), max leverage.")
    PerpDescribe "PERP_MARGIN", "Exposure, initial and maintenance margin, headroom and distance to liquidation of an account.", "Perp Margin", _
        Array("Positions in contracts; positive = long.", _
              "Mark prices, one a contract.", _
              "Equity of the account, in quote currency.", _
              "Maintenance margin as a share of notional.", _
              "Largest leverage the venue allows.")
End Sub

Private Sub DescribePerpPortfolio()
    PerpDescribe "PERP_COV", "Annualised covariance matrix of the contracts, N x N.", "Perp Portfolio", _
        Array("Returns, T x N, one contract a column; blank before a listing and in a gap.", _
              "sample, ledoit_wolf, shrunk_correlation, constant_correlation, ewma, factor or semi (downside).", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.", _
              "Rows after which a row counts half, for ewma.", _
              "Returns of the market, T x 1, for factor.", _
              "own: each contract's own rows. listwise: a row with a gap is dropped for all.")
    PerpDescribe "PERP_OPTIMIZE", "Weights of the optimal portfolio inside the limits, certified optimal.", "Perp Portfolio", _
        Array("Expected returns a year, one a contract, net of funding.", _
              "Annualised covariance matrix, N x N.", _
              "What to optimise, such as max_sharpe, target_volatility, cvar, robust or risk_budget.", _
              "Rows of a limit's name and its value, or one value a contract.", _
              "Returns, T x N, for semivariance, cvar and the limit cvar_max.")
    PerpDescribe "PERP_FRONTIER", "Portfolios from least variance to greatest return inside the limits: return, volatility, sharpe, weights.", "Perp Portfolio", _
        Array("Expected returns a year, one a contract, net of funding.", _
              "Annualised covariance matrix, N x N.", _
              "Number of portfolios, equally spaced in expected return.", _
              "Rows of a limit's name and its value, or one value a contract.")
    PerpDescribe "PERP_RISK_CONTRIBUTION", "Share of the portfolio's variance that each contract brings; they sum to 1.", "Perp Portfolio", _
        Array("Weights of the portfolio, one a contract.", _
              "Covariance matrix, N x N.")
    PerpDescribe "PERP_OVERLAY", "Weights of the baseline tilted toward high scores inside the limits; the tilt's gross is at most cap x gross.", "Perp Portfolio", _
        Array("Weights to start from, one a contract.", _
              "Scores of the same contracts; higher = hold more.", _
              "Most it may buy and sell together, as a share of the baseline's gross.", _
              "Rows of a limit's name and its value, or one value a contract.")
    PerpDescribe "PERP_VAR", "Value at risk or expected shortfall of a book, share of equity, and what each contract brings of it.", "Perp Portfolio", _
        Array("Weights of the book, notional / equity; negative = short.", _
              "Returns, T x N, one contract a column; a row with a gap is left out.", _
              "Probability that the loss is not exceeded: 0.95, 0.99.", _
              "historical, parametric (normal), shortfall (mean loss beyond) or parametric_shortfall.", _
              "Rows that the loss is counted over, in overlapping sums.")
    PerpDescribe "PERP_TILT", "Expected returns tilted by the variance risk premium: expected_returns + coefficient x vrp.", "Perp Portfolio", _
        Array("Expected returns a year, one a contract.", _
              "Variance risk premia of the same contracts, from PERP_VRP.", _
              "Expected return for a unit of variance risk premium.")
End Sub

Private Sub DescribePerpHedge()
    PerpDescribe "PERP_HEDGE", "Trades in the hedge contracts that bring the beta of the book to its target at least cost.", "Perp Hedge", _
        Array("Notionals held, one a contract; positive = long.", _
              "Betas of what is held, one a contract.", _
              "Beta of the book after the hedge, on capital.", _
              "Betas of the hedge contracts.", _
              "Capital that beta is measured on; blank = gross of notionals.", _
              "Prices of the hedge contracts; blank = notionals only.", _
              "Smallest steps of the hedge contracts; blank = none.", _
              "Trading cost in basis points, one for all or one a hedge.", _
              "Notionals of the hedges already held.")
    PerpDescribe "PERP_HEDGE_FACTORS", "Trades in the hedges that bring each factor exposure to its target, or as near in least squares.", "Perp Hedge", _
        Array("Notionals held, one a contract; positive = long.", _
              "Loadings of what is held: one row a factor, one column a contract.", _
              "Loadings of the hedges: one row a factor, one column a hedge.", _
              "Exposures after the hedge, one for all or one a factor.", _
              "Capital that exposures are measured on; blank = gross of notionals.")
    PerpDescribe "PERP_HEDGE_BAND", "Whether a re-hedge is due: 1 when beta is further than the band from its target, else 0.", "Perp Hedge", _
        Array("Beta of the book now, on capital.", _
              "Beta it should have.", _
              "Distance from the target within which nothing is traded.")
End Sub

Private Sub DescribePerpStress()
    PerpDescribe "PERP_STRESS", "Profit and loss, equity, margin ratio and liquidations of a book under market shocks.", "Perp Stress", _
        Array("Positions in contracts; positive = long.", _
              "Prices before the shock, one a contract.", _
              "Betas, one a contract.", _
              "Equity of the account, in quote currency.", _
              "Moves of the market, one or several: -0.1 = down 10 %.", _
              "Maintenance margin as a share of notional.", _
              "Funding rate settled in the shock; longs pay it.", _
              "Added to each beta, one for all or one a shock.", _
              "Own return of each contract on top of beta x shock.")
    PerpDescribe "PERP_STRESS_REVERSE", "Smallest market move, up or down, that liquidates the account, and the price of each contract there.", "Perp Stress", _
        Array("Positions in contracts; positive = long.", _
              "Prices now, one a contract.", _
              "Betas, one a contract.", _
              "Equity of the account, in quote currency.", _
              "Maintenance margin as a share of notional.")
    PerpDescribe "PERP_STRESS_HISTORY", "Worst windows of the price history on today's book: profit, equity, and whether it is liquidated on the way.", "Perp Stress", _
        Array("Positions in contracts; positive = long.", _
              "Prices now, one a contract.", _
              "Equity of the account, in quote currency.", _
              "Past prices, one column a contract, the oldest row first.", _
              "Rows that a window lasts.", _
              "How many windows to list; no two of them overlap.", _
              "Maintenance margin as a share of notional.")
    PerpDescribe "PERP_STRESS_MONTE_CARLO", "Value at risk, expected shortfall, probability of liquidation and capital for 99 %, over bootstrapped paths.", "Perp Stress", _
        Array("Positions in contracts; positive = long.", _
              "Prices now, one a contract.", _
              "Equity of the account, in quote currency.", _
              "Simple returns per bar, one column a contract, the oldest row first.", _
              "How many paths are drawn.", _
              "Bars that a path lasts.", _
              "The same seed draws the same paths.", _
              "Maintenance margin as a share of notional.")
End Sub

Private Sub DescribePerpPerformance()
    PerpDescribe "PERP_SHARPE", "Annualised Sharpe ratio of each column of returns.", "Perp Performance", _
        Array("Returns, T x N, one contract a column; blanks are left out.", _
              "Risk-free rate a year: one number, or one a row.", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.")
    PerpDescribe "PERP_DRAWDOWN", "Deepest fall from a peak, the rows where it began and was deepest, and where the peak was reached again.", "Perp Performance", _
        Array("Returns, T x N, one series a column; nothing moves in a blank row.")
    PerpDescribe "PERP_ATTRIBUTION", "Return by market, own skill, funding and costs, which sum to the total; beta, and the t of alpha.", "Perp Performance", _
        Array("Returns of the portfolio after funding and costs, T x 1.", _
              "Returns of the market over the same rows, T x 1.", _
              "Funding of each bar as a return, positive = received; blank = none.", _
              "Costs of each bar as a return, 0 or above; one for all or one each.", _
              "Risk-free rate a year: one number, or one a row.", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.")
    PerpDescribe "PERP_BACKTEST", "What a policy would have made of a history, with funding, costs and liquidations; nothing sees the future.", "Perp Performance", _
        Array("Prices, T x N, one contract a column, the oldest row first.", _
              "Funding rates settled in each bar, T x N; blank where none settled.", _
              "Policy, as on the desk: hybrid, classical, min_variance ...", _
              "Rows of returns that a decision looks back on.", _
              "Rows from one decision to the next.", _
              "Fee and slippage together, in basis points of the notional traded.", _
              "Limits as in PERP_OPTIMIZE; also volatility_target, drawdown_buffer, clock ... of docs/limits.md.", _
              "Prices of the market, T x 1; blank = mean return of the contracts.", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.")
    PerpDescribe "PERP_BACKTEST_PATH", "Equity, from 1 on, and the weights of each contract after each row of a backtest, T x (1 + N).", "Perp Performance", _
        Array("Prices, T x N, one contract a column, the oldest row first.", _
              "Funding rates settled in each bar, T x N; blank where none settled.", _
              "Policy, as on the desk: hybrid, classical, min_variance ...", _
              "Rows of returns that a decision looks back on.", _
              "Rows from one decision to the next.", _
              "Fee and slippage together, in basis points of the notional traded.", _
              "Limits as in PERP_OPTIMIZE; also volatility_target, drawdown_buffer, clock ... of docs/limits.md.", _
              "Prices of the market, T x 1; blank = mean return of the contracts.", _
              "Bars a year: 8760 hourly, 1095 8-hour, 365 daily.")
End Sub

Private Sub DescribePerpHelp()
    PerpDescribe "PERP_WHY", "Why a cell shows an error or a warning, in one sentence.", "Perp Help", _
        Array("The cell to explain; blank = the last call of all.")
    PerpDescribe "PERP_VERSION", "The version of PerpDesk.", "Perp Help", _
        Array()
End Sub
