"""What is kept: rows through transaction scripts, files by their hash, small memories by key.

    database    runs scripts: many in one durable commit, and reads beside it
    scripts     what a transaction script is
    batch       the scripts of one commit, on a plain connection
    migrate     brings the file up to date; migrations/ are the numbered steps
    backup      copies that open
    blobs       files by their hash
    memory      JSON by key, for adapters
    folder      the data folder
    ids         ids of ours

All of it fails closed: where the disk says no, nothing is acknowledged.
"""
