"""What if the market, beta or the exchange does something else?"""
