# SpamAssassin's Bayes alone, for many mails in one process.
#
#     perl spamassassin.pl FOLDER < frames
#
# FOLDER/rules holds the configuration, FOLDER the token database. A frame is a line "spam LENGTH", "ham LENGTH" or
# "score LENGTH" and then a mail of that many bytes. The first two learn it; the third prints a line: the probability
# of spam, or "none" where Bayes has too few known tokens to say.
use strict;
use warnings;
use Mail::SpamAssassin;
use Mail::SpamAssassin::PerMsgStatus;

my ($folder) = @ARGV;
my $filter = Mail::SpamAssassin->new({
    rules_filename       => "$folder/rules",
    site_rules_filename  => "$folder/rules",
    userprefs_filename   => "$folder/user_prefs",
    userstate_dir        => "$folder",
    home_dir_for_helpers => "$folder",
    dont_copy_prefs      => 1,
    local_tests_only     => 1,
});
$filter->init(0);
$filter->init_learner({ caller_will_untie => 1, wait_for_lock => 1 });
my ($bayes) = grep { ref eq 'Mail::SpamAssassin::Plugin::Bayes' } @{ $filter->{plugins}{plugins} };

my $number = 0;
binmode STDIN;
while (my $line = <STDIN>) {
    my ($task, $length) = $line =~ /^(spam|ham|score) (\d+)$/ or die "not a frame: $line";
    read(STDIN, my $mail, $length) == $length or die "the mail is shorter than $length bytes\n";
    my $message = $filter->parse($mail, 0);
    if ($task eq 'score') {
        my $status = Mail::SpamAssassin::PerMsgStatus->new($filter, $message);
        $message->extract_message_metadata($status);
        my $probability = $bayes->scan($status, $message);
        print defined $probability ? sprintf("%.17g\n", $probability) : "none\n";
        $status->finish();
    } else {
        # An id of its own, so that a mail with the same text as another is learnt too.
        $number++;
        my $status = $filter->learn($message, "$number\@peer.example.com", $task eq 'spam', 0);
        $status->did_learn() or die "mail $number was not learnt\n";
        $status->finish();
    }
    $message->finish();
}
$filter->finish_learner();
$filter->finish();
