"""The providers' HTTP APIs on loopback, rendering real MP4s, with faults on demand.

    server      the whole of it: options, start, stop, how to point klingbot and the SDKs here
    control     its own routes: what was sold, faults, a page
    dialect     what a provider's file has to say; fal*, wavespeed*, gmi*, aimlapi*, vidgo*, kling* are those there are
    gate        before every call: the key, and the faults that act on any call
    faults      what can go wrong, and the orders for it
    shop        tasks on one clock; lanes (whose turn it is), book (what was sold), tasks
    gallery     pictures that clients hand in; files: clips that they fetch
    studio      threads that render; orders → scenes (landscape, motion, cards, effects) → film
    sample      a picture to try things out with

Nothing here imports `bot.providers`: paths and fields are typed out a second time, so that a mistake shows.
"""
